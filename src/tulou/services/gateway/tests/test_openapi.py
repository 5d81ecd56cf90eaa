"""The gate's description of itself: all that it answers, and nothing else; what it says is what it takes and gives."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tulou.services.gateway.endpoints.answers import RefusalReply
from tulou.services.gateway.endpoints.catalogue import ALL
from tulou.services.gateway.endpoints.endpoint import GatewayEndpoint
from tulou.services.gateway.endpoints.read import read
from tulou.services.gateway.http.app import OPERATIONS
from tulou.services.gateway.http.openapi.document import document
from tulou.services.gateway.http.openapi.schemas import EXPLAINED, schemas
from tulou.services.gateway.http.paths import PATHS, PREFIXES
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.upstream import upstream

OPENAI = ("/v1/", "/openai/v1/")
METHODS = ("get", "put", "post", "patch", "delete")


def described() -> Iterator[tuple[str, str]]:
    """Yield method and full path of everything that is described, under each of its servers."""
    for path, item in document()["paths"].items():
        for server in item.get("servers", [{"url": "/"}]):
            for method in METHODS:
                if method in item:
                    yield method.upper(), server["url"].rstrip("/") + path


def answered() -> Iterator[tuple[str, str]]:
    """Yield method and path of everything that the gate answers itself."""
    yield from (("POST", path) for path in PATHS)
    yield from (("GET", path) for path in OPERATIONS)
    for prefix in PREFIXES:
        yield from (("GET", f"{prefix}models"), ("GET", f"{prefix}models/{{model}}"))
    for prefix in OPENAI:
        place = f"{prefix}responses/{{response}}"
        yield from (("GET", place), ("DELETE", place), ("GET", f"{place}/input_items"), ("POST", f"{place}/cancel"))


def test_what_the_gate_answers_is_described_and_the_other_way_round() -> None:
    assert sorted(described()) == sorted(answered())


async def test_everything_described_is_answered_by_the_gate_and_other_methods_are_refused(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        methods: dict[str, list[str]] = {}
        for method, path in described():
            methods.setdefault(path, []).append(method)
        for path, allowed in methods.items():
            for asked in (verb.upper() for verb in METHODS):
                place = path.replace("{model}", "tiny").replace("{response}", "resp_none")
                got = await gateway.http.request(asked, place, headers=AUTH)
                if asked not in allowed:
                    assert got.status_code == 405, (asked, path)
                    assert got.headers["allow"] == ", ".join(allowed)
                elif "{response}" in path:
                    assert got.status_code == 404, (asked, path)
                else:  # a POST without a body is told so; control, which is away, is not asked
                    assert got.status_code == (400 if asked == "POST" else 200), (asked, path)


@pytest.mark.parametrize("endpoint", ALL, ids=lambda endpoint: endpoint.facts.name)
def test_examples_are_what_the_gate_takes_and_gives(endpoint: GatewayEndpoint) -> None:
    described = endpoint.described
    for example in described.questions.values():
        asked = read(endpoint.facts.name, msgspec.json.encode(example["value"]))
        assert isinstance(asked, endpoint.request)
    msgspec.json.decode(msgspec.json.encode(described.answer), type=described.answered)
    assert bool(described.events) == (described.streamed is not None)
    for event in events(endpoint):
        assert described.streamed is not None
        msgspec.json.decode(event, type=described.streamed)


def events(endpoint: GatewayEndpoint) -> list[str]:
    parts = endpoint.described.events.split("\n\n")[:-1]
    if endpoint.chunks:
        assert parts.pop() == "data: [DONE]"
    return [part.rpartition("data: ")[2] for part in parts]


async def test_refusals_have_the_shape_that_is_described(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot()) as gateway:
        for body, status in ((b"{", 400), (b'{"model":"tiny"}', 400), (b'{"model":"no","messages":[]}', 404)):
            got = await gateway.http.post("/v1/chat/completions", content=body, headers=AUTH)
            assert got.status_code == status
            assert msgspec.json.decode(got.content, type=RefusalReply).error.code


def test_every_field_of_a_request_is_explained_and_no_other() -> None:
    asked = [schema for name, schema in schemas().items() if name.endswith("Request") or name == "ChatMessage"]
    inner = [schemas()[name] for name in ("StreamOptions", "MessageTurn", "MessageMetadata")]
    fields = {field for schema in [*asked, *inner] for field in schema["properties"]}
    assert fields - EXPLAINED.keys() == {"presence_penalty", "frequency_penalty", "suffix", "echo"}
    assert not EXPLAINED.keys() - fields
