"""Lists of models over real sockets: what a key may use, in the shape that its client reads."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anthropic
import pytest

from tulou.contracts.governance.messages import PolicySet, Role
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.http.listing import anthropic_page
from tulou.services.gateway.refusals import ModelNotFoundError
from tulou.services.gateway.snapshot.models import ListedModel
from tulou.services.gateway.tests.clients import anthropic_client, openai_client
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, grant, in_force, snapshot, target
from tulou.testing.clock import ManualClock

MADE = 1_700_000_000.0
NAMES = ("a", "b", "c", "d", "e")
"""The newest first."""
MODELS = [
    ListedModel(name=name, created_at=MADE - 60 * number, owner="tulou", endpoints=("chat",), context_length=0)
    for number, name in enumerate(NAMES)
]
VERSION = {"anthropic-version": "2023-06-01"}
LISTS = pytest.mark.parametrize(
    ("path", "version"), [("/anthropic/v1/models", {}), ("/v1/models", VERSION)], ids=["by path", "by header"]
)
DEVELOPER = Role(name="developer", permissions=("models:use",))
USE = 'principal, action == Action::"models:use", resource'


@asynccontextmanager
async def shelf(folder: Path) -> AsyncGenerator[RunningGate]:
    """A gate with five models, each made a minute before the last."""
    targets = [
        replace(target(deployment=name), created_at=MADE - 60 * number, context_length=2048 if name == "a" else 0)
        for number, name in enumerate(NAMES)
    ]
    async with gate(folder, snapshot(*reversed(targets))) as running:
        yield running


@asynccontextmanager
async def ruled(folder: Path, text: str = "", role: str = "developer", **changes: Any) -> AsyncGenerator[RunningGate]:
    """A gate with two models and a policy."""
    told = snapshot(
        target(deployment="small"),
        target(deployment="large", endpoints=("chat", "embeddings")),
        grants=(grant(roles=(role,)),),
    )
    policies = PolicySet(text=text, roles=(DEVELOPER,), contextual="context" in text)
    async with gate(folder, replace(told, policies=policies), **changes) as running:
        yield running


async def listed(running: RunningGate) -> list[str]:
    """Return the names that both shapes list."""
    models = (await running.http.get("/v1/models", headers=AUTH)).raise_for_status().json()["data"]
    others = (await running.http.get("/anthropic/v1/models", headers=AUTH)).raise_for_status().json()["data"]
    names = sorted(model["id"] for model in models)
    assert names == sorted(model["id"] for model in others)
    return names


@LISTS
async def test_anthropics_list_has_the_newest_models_first(
    tmp_path: Path, path: str, version: Mapping[str, str]
) -> None:
    async with shelf(tmp_path) as running:
        headers = {**AUTH, **version}
        whole = (await running.http.get(path, headers=headers)).raise_for_status().json()
        assert [model["id"] for model in whole["data"]] == list(NAMES)
        assert (whole["has_more"], whole["first_id"], whole["last_id"]) == (False, "a", "e")
        assert whole["data"][0] == {
            "type": "model",
            "id": "a",
            "display_name": "a",
            "created_at": "2023-11-14T22:13:20Z",
            "lifecycle": "active",
            "max_input_tokens": 2048,
        }
        assert whole["data"][1]["max_input_tokens"] is None
        one = (await running.http.get(f"{path}/a", headers=headers)).raise_for_status()
        assert one.json() == whole["data"][0]


@pytest.mark.parametrize(
    ("query", "names", "more"),
    [
        ({}, "abcde", False),
        ({"limit": "2"}, "ab", True),
        ({"limit": "2", "after_id": "b"}, "cd", True),
        ({"limit": "2", "after_id": "c"}, "de", False),
        ({"limit": "2", "before_id": "d"}, "bc", True),
        ({"limit": "2", "before_id": "c"}, "ab", False),
        ({"before_id": "b"}, "a", False),
        ({"limit": "1000", "after_id": "d"}, "e", False),
    ],
)
def test_pages_go_forward_and_backward(query: dict[str, str], names: str, *, more: bool) -> None:
    got = anthropic_page(MODELS, {name: [value] for name, value in query.items()})
    assert [one["id"] for one in got["data"]] == list(names)
    assert (got["has_more"], got["first_id"], got["last_id"]) == (more, names[0], names[-1])


@pytest.mark.parametrize("ends", [{"after_id": ["e"]}, {"before_id": ["a"]}])
def test_beyond_either_end_there_is_a_page_of_nothing(ends: dict[str, list[str]]) -> None:
    assert anthropic_page(MODELS, ends) == {"data": [], "has_more": False, "first_id": None, "last_id": None}


def test_twenty_models_make_a_page_unless_more_are_asked_for() -> None:
    many = [replace(MODELS[0], name=f"m-{number:02}") for number in range(30)]
    assert [len(anthropic_page(many, query)["data"]) for query in ({}, {"limit": ["30"]})] == [20, 30]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "some"},
        {"limit": "9" * 5000},
        {"after_id": "ghost"},
        {"before_id": "ghost"},
        {"after_id": "a", "before_id": "c"},
    ],
)
def test_what_is_no_page_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidError) as refused:
        anthropic_page(MODELS, {name: [value] for name, value in query.items()})
    assert refused.value.param == list(query)[-1]


@LISTS
async def test_whatever_is_wrong_is_told_in_anthropics_shape(
    tmp_path: Path, path: str, version: Mapping[str, str]
) -> None:
    async with gate(tmp_path, snapshot()) as running:
        for got, status, kind in (
            (await running.http.get(path, headers=version), 401, "authentication_error"),
            (
                await running.http.get(path, params={"limit": "0"}, headers={**AUTH, **version}),
                400,
                "invalid_request_error",
            ),
            (await running.http.get(f"{path}/ghost", headers={**AUTH, **version}), 404, "not_found_error"),
            (await running.http.delete(path, headers={**AUTH, **version}), 405, "invalid_request_error"),
        ):
            assert (got.status_code, got.json()["type"], got.json()["error"]["type"]) == (status, "error", kind)


@pytest.mark.parametrize("path", ["/v1/models", "/openai/v1/models"])
async def test_openais_shape_stays_where_nobody_speaks_anthropics(tmp_path: Path, path: str) -> None:
    headers = {**AUTH, **(VERSION if path.startswith("/openai") else {})}
    async with shelf(tmp_path) as running:
        got = (await running.http.get(path, params={"limit": "2"}, headers=headers)).json()
        assert (got["object"], len(got["data"])) == ("list", len(NAMES))
        assert (await running.http.get(f"{path}/ghost", headers=headers)).json()["error"]["code"] == "model_not_found"


async def test_anthropics_client_pages_through_models_and_gets_one(tmp_path: Path) -> None:
    async with shelf(tmp_path) as running, anthropic_client(running.url) as client:
        plain = client.with_options(base_url=running.url)
        for one in (client, plain):
            assert [model.id async for model in one.models.list(limit=2)] == list(NAMES)
            assert [model.id async for model in one.models.list(limit=2, before_id="d")] == ["b", "c", "a"]
            model = await one.models.retrieve("c")
            assert (model.id, model.type, model.display_name, model.lifecycle) == ("c", "model", "c", "active")
            assert model.created_at == datetime.fromtimestamp(MADE - 120, UTC)
            with pytest.raises(anthropic.NotFoundError, match="ghost"):
                await one.models.retrieve("ghost")
            with pytest.raises(anthropic.BadRequestError, match="limit"):
                await one.models.list(limit=0)


async def test_a_principal_without_a_role_that_may_use_models_is_shown_none(tmp_path: Path) -> None:
    async with ruled(tmp_path, role="auditor") as running:
        assert await listed(running) == []
        got = await running.http.get("/v1/models/small", headers=AUTH)
        assert (got.status_code, got.json()["error"]["code"]) == (404, ModelNotFoundError.code)


async def test_a_model_that_a_policy_forbids_is_unknown_to_whoever_asks_for_it(tmp_path: Path) -> None:
    text = f'@id("costly") forbid({USE}) when {{ resource.name like "la*" }};'
    async with ruled(tmp_path, text) as running, openai_client(running.url) as client:
        assert await listed(running) == ["small"]
        assert [model.id async for model in client.models.list()] == ["small"]
        for path in ("/v1/models/large", "/anthropic/v1/models/large"):
            assert (await running.http.get(path, headers=AUTH)).status_code == 404
        assert (await running.http.get("/v1/models/small", headers=AUTH)).status_code == 200


async def test_the_hour_and_the_address_decide_what_is_listed(tmp_path: Path) -> None:
    clock = ManualClock()
    clock.advance(86_400 - clock.now() % 86_400 + 3 * 3600)
    text = f"""
    @id("day") forbid({USE}) when {{ resource.name == "large" && context.hour < 6 }};
    @id("near") forbid({USE}) unless {{ context has address && context.address.isLoopback() }};
    """
    async with ruled(tmp_path, text, clock=clock) as running:
        assert await listed(running) == ["small"]
        clock.advance(3 * 3600)
        assert await listed(running) == ["large", "small"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("context.stream", ["large", "small"]),
        ("!context.stream", ["large", "small"]),
        ("!context.batch && context.stream", ["large", "small"]),
        ("context.stream || !context.stream", []),
        ('resource.name == "large" && (context.stream || context.hour >= 0)', ["small"]),
        ("context has tokens && context.tokens > 100", ["large", "small"]),
        ("!(context has tokens && context.tokens <= 100)", ["large", "small"]),
        ("!(context has tokens && 200 < context.tokens && context.tokens < 202)", ["large", "small"]),
        ("!(context has tokens && context.tokens < 1)", []),
        ("!(context has tokens)", ["large", "small"]),
        ("context has tokens", ["large", "small"]),
        ("!(context.stream && context.batch && context has tokens && context.tokens == 7)", ["large", "small"]),
        ("context == {hour: 3}", ["large", "small"]),
        ('context.endpoint == "chat"', ["large", "small"]),
        ('["chat", "completions"].contains(context.endpoint)', ["large"]),
        ('["chat", "completions", "embeddings"].contains(context.endpoint)', []),
        ("context.at * 9223372036854775807 > 5", []),
    ],
)
async def test_a_list_has_what_some_request_may_use(tmp_path: Path, condition: str, names: list[str]) -> None:
    async with ruled(tmp_path, f'@id("careful") forbid({USE}) when {{ {condition} }};') as running:
        assert await listed(running) == names


async def test_a_list_has_what_a_policy_permits_in_some_request_and_no_role_does(tmp_path: Path) -> None:
    text = f"""
    @id("guests") permit({USE}) when {{ resource.name == "large" && context.stream }};
    @id("night") permit({USE}) when {{ resource.name == "small" && context.stream && context.hour > 23 }};
    """
    async with ruled(tmp_path, text, role="viewer") as running:
        assert await listed(running) == ["large"]


async def test_a_model_whose_endpoints_are_not_known_yet_is_judged_as_for_a_chat(tmp_path: Path) -> None:
    text = f'@id("careful") forbid({USE}) when {{ context.endpoint == "embeddings" }};'
    async with ruled(tmp_path, text) as running:
        told = in_force(running.service)
        assert told
        await running.tell(replace(told, revision=2, targets=(target(deployment="new", endpoints=()),)))
        assert await listed(running) == ["new"]
