"""Every cell of the table is tried, from the client's request to what the client reads; the page is made from it."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, ClientDialect, Echo, UpstreamDialect
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.folding import Folded, Piece, fold
from tulou.services.gateway.dialects.matrix import UPSTREAMS as COLUMNS
from tulou.services.gateway.dialects.matrix import FeatureCell, cells, page
from tulou.services.gateway.dialects.tests import canned, told
from tulou.services.gateway.dialects.tests.asked import asked, body
from tulou.services.gateway.dialects.tests.shapes import check_shape
from tulou.services.gateway.dialects.tests.written import says

MODELS = {
    "openai": "gpt-5.2",
    "responses": "gpt-5.2",
    "anthropic": "claude-sonnet-4-5",
    "gemini": "gemini-2.5-pro",
    "bedrock": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
}
TEXT = "Tulou are round earthen houses — 福建土楼."
THOUGHT = "A house made of earth?"
CALLS = [("get_weather", {"city": "Fuzhou", "unit": "c"}), ("get_weather", {"city": "Xiamen"})]
SIGNATURES = {
    "openai": THOUGHT,
    "responses": "gAAAAABo",
    "anthropic": "EqQBCkYIBRgCKkAx",
    "gemini": "CiQBVKhc",
    "bedrock": "EqQBCkYIBRgCKkAx",
}
REPORTED = {
    "one_tool": "parallel_tool_calls",
    "cache_marks": "messages.cache_control",
    "penalties": "presence_penalty",
}
CALLED = {"parallel_tool_calls": "tool_choice.disable_parallel_tool_use", "user": "metadata.user_id"}
"""What a client of messages calls them."""

ASKED = [cell for cell in cells() if cell.outcome != "cannot be asked"]


def dialects(cell: FeatureCell) -> tuple[ClientDialect, UpstreamDialect, Ability]:
    clients: dict[str, ClientDialect] = {**CLIENTS}
    upstreams: dict[str, UpstreamDialect] = {**UPSTREAMS}
    return clients[cell.client], upstreams[cell.upstream], Ability(model=MODELS[cell.upstream])


def events(cell: FeatureCell, scenario: str, *, streamed: bool) -> list[Event]:
    _, upstream, _ = dialects(cell)
    if not streamed:
        return list(upstream.read_answer(canned.whole(cell.upstream, scenario)))
    reader = upstream.reader()
    return [*reader.feed(canned.stream(cell.upstream, scenario)), *reader.end()]


def echo(cell: FeatureCell, feature: str = "") -> Echo:
    client, _, _ = dialects(cell)
    prompt = client.read_request(body(cell.client, feature or cell.feature))
    return Echo(id=f"{client.id_prefix}0123abc", model="house", created=1764115200, prompt=prompt)


def answer(cell: FeatureCell, scenario: str) -> dict[str, Any]:
    client, _, _ = dialects(cell)
    return told.whole(cell.client, client.write_answer(events(cell, scenario, streamed=False), echo(cell)))


def streamed(cell: FeatureCell, scenario: str) -> list[dict[str, Any]]:
    client, _, _ = dialects(cell)
    writer = client.writer(echo(cell, "stream"))
    return told.pieces(cell.client, writer.write(events(cell, scenario, streamed=True)) + writer.end())


@pytest.mark.parametrize("cell", ASKED, ids=lambda cell: f"{cell.feature}-{cell.client}-{cell.upstream}")
def test_the_table_does_not_lie_about_requests(cell: FeatureCell) -> None:
    client, upstream, ability = dialects(cell)
    prompt = client.read_request(body(cell.client, cell.feature))

    if cell.outcome == "refused":
        with pytest.raises(InvalidError):
            upstream.write_request(prompt, ability)
        return
    written = upstream.write_request(prompt, ability)
    request = check_shape(cell.upstream, written.body)

    if cell.outcome == "dropped":
        field = REPORTED.get(cell.feature, cell.feature)
        field = CALLED.get(field, field) if cell.client == "messages" else field
        assert field in {drop.field for drop in written.dropped}
        assert all(drop.why for drop in written.dropped)
    else:
        assert written.dropped == ()
        assert says(cell.upstream, cell.feature, request)


@pytest.mark.parametrize(
    "cell",
    [cell for cell in ASKED if cell.outcome == "yes"],
    ids=lambda cell: f"{cell.feature}-{cell.client}-{cell.upstream}",
)
def test_the_table_does_not_lie_about_answers(cell: FeatureCell) -> None:
    {
        "stream": streams,
        "parallel_tools": calls_come_through,
        "tools": calls_come_through,
        "reasoning_out": reasoning_is_shown,
        "reasoning_back": reasoning_is_taken_back,
        "logprobs": probabilities_come_through,
        "cached_usage": counts_come_through,
        "error": errors_come_through,
        "stream_error": broken_streams_say_so,
        "n": several_answers_come_through,
    }.get(cell.feature, text_comes_through)(cell)


def text_comes_through(cell: FeatureCell) -> None:
    assert told.text(cell.client, answer(cell, "text")) == TEXT


def streams(cell: FeatureCell) -> None:
    pieces = streamed(cell, "text")
    assert told.streamed_text(cell.client, pieces) == TEXT


def counts_come_through(cell: FeatureCell) -> None:
    assert told.counts(cell.client, answer(cell, "text")) == (2048, 1920, 14)


def calls_come_through(cell: FeatureCell) -> None:
    assert told.calls(cell.client, answer(cell, "tools")) == CALLS


def reasoning_is_shown(cell: FeatureCell) -> None:
    thought = answer(cell, "thinking")
    assert told.thoughts(cell.client, thought) == THOUGHT
    assert told.text(cell.client, thought) == TEXT


def reasoning_is_taken_back(cell: FeatureCell) -> None:
    client, upstream, ability = dialects(cell)
    request = told.continued(cell.client, answer(cell, "thinking"))

    written = upstream.write_request(client.read_request(json.dumps(request).encode()), ability)

    check_shape(cell.upstream, written.body)
    assert SIGNATURES[cell.upstream].encode() in written.body


def probabilities_come_through(cell: FeatureCell) -> None:
    assert told.probabilities(cell.client, answer(cell, "logprobs")) == [-0.1, -0.4]


def errors_come_through(cell: FeatureCell) -> None:
    client, upstream, _ = dialects(cell)
    message, code, param = upstream.read_error(400, canned.whole(cell.upstream, "error"))

    refusal = client.write_error(status=400, message=message, code=code, param=param, request_id="req_1")

    said = json.loads(refusal)["error"]
    assert "temperature" in json.dumps(said)
    assert said["type"] == "invalid_request_error"


def broken_streams_say_so(cell: FeatureCell) -> None:
    pieces = streamed(cell, "broken")

    assert told.streamed_text(cell.client, [piece for piece in pieces if "error" not in piece]) == "Tulou "
    assert pieces[-1].get("error") or pieces[-1]["response"]["error"]


def several_answers_come_through(cell: FeatureCell) -> None:
    if cell.upstream != "openai":
        return
    client, upstream, _ = dialects(cell)
    two = json.loads(canned.whole("openai", "text"))
    two["choices"].append({**two["choices"][0], "index": 1})

    folded = told.whole(cell.client, client.write_answer(upstream.read_answer(json.dumps(two).encode()), echo(cell)))

    assert [choice["index"] for choice in folded["choices"]] == [0, 1]


@pytest.mark.parametrize(("upstream", "scenario"), canned.scenarios())
def test_a_whole_answer_is_the_folded_stream(upstream: str, scenario: str) -> None:
    cell = FeatureCell(scenario, "chat", upstream, "yes")

    whole, streaming = (fold(events(cell, scenario, streamed=streamed)) for streamed in (False, True))

    def words(part: Piece) -> object:
        return json.loads(part.text) if part.kind == "call" else part.text

    def seen(folded: Folded) -> list[object]:
        parts = folded.choice().parts
        return [
            *((part.kind, words(part), part.id, part.name, part.signature, part.redacted) for part in parts),
            folded.choice().reason,
            folded.used,
        ]

    assert seen(whole) == seen(streaming)


def test_the_table_knows_all_upstreams() -> None:
    assert set(COLUMNS) == set(get_args(UpstreamName)) == set(UPSTREAMS)


def test_features_of_requests_are_asked_for() -> None:
    for cell in ASKED:
        if cell.outcome != "yes":
            assert asked(cell.client, cell.feature) != asked(cell.client, ""), cell


def test_the_page_about_dialects_is_current() -> None:
    root = Path(__file__).parents[6]

    assert (root / "docs" / "reference" / "dialects.md").read_text("utf-8").endswith(page())
