"""What upstreams count is taken where it can be; else an estimate is billed, marked as one, and the house goes on."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.types import Message, Send

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.metering.messages import Entry, Price, PriceList
from tulou.contracts.routing.messages import Endpoint, Snapshot
from tulou.services.gateway.dialects.events import Miscounted
from tulou.services.gateway.dialects.tests.test_counts import WRITTEN
from tulou.services.gateway.stack.events import read_usage, scan_usage
from tulou.services.gateway.tests.clients import ASKS
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.test_books import on_disk
from tulou.services.gateway.tests.test_dialects import BOTH, CLIENT, told_of
from tulou.services.gateway.tests.upstream import Act, Seen, chunk, reply, upstream
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.services.gateway.usage import Usage
from tulou.testing.eventually import eventually

PRICES = PriceList(items=(Price(model="*", input=2.0, output=10.0),), version=7, currency="USD")
NUMBERS = re.compile(rb'("\w*(?:[tT]okens|TokenCount)": ?)\d+')
VALUES = ["-1000000", "99999999999", "0"]
WORSE = [*VALUES, "1e30", "1e400", "true", "[]", '"7"']
TEXTUAL = [dialect for dialect in SPEECHES if dialect != "bedrock"]
"""Bedrock's streams have checksums: the tests of its reader have these cases."""


def rewritten(act: Act, value: str) -> Act:
    """Return an upstream that writes every count as this."""

    async def rewriting(seen: Seen, send: Send) -> None:
        async def other(message: Message) -> None:
            body: bytes | None = message.get("body")
            if body is not None:
                message["body"] = NUMBERS.sub(lambda found: found[1] + value.encode(), body)
            message["headers"] = [pair for pair in message.get("headers", ()) if pair[0] != b"content-length"]
            await send(message)

        await act(seen, other)

    return rewriting


def priced(told: Snapshot) -> Snapshot:
    return replace(told, prices=PRICES)


def check(entry: Entry) -> None:
    assert entry.counted == "estimate"
    assert 0 < entry.units.input < 1000
    assert 0 < entry.units.output < 1000
    assert 0 < entry.cost < 100_000


@CLIENT
@BOTH
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("dialect", TEXTUAL)
async def test_counts_that_cannot_be_are_billed_as_an_estimate(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect, value: str, *, stream: bool
) -> None:
    speech = SPEECHES[dialect]
    async with vendor(speech, "v1") as plain:
        act = rewritten(plain.act, value)
    async with vendor(speech, "v1", act) as one, gate(tmp_path, priced(told_of(one, speech))) as running:
        said = await ASKS[client](running.url, stream=stream)
        assert said.text == "hello"
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()
        check(entry)


@pytest.mark.parametrize("value", WORSE)
async def test_the_header_of_the_cost_is_that_of_the_estimate(tmp_path: Path, value: str) -> None:
    async with upstream() as plain:
        act = rewritten(plain.act, value)
    async with upstream(act=act) as one, gate(tmp_path, priced(snapshot(target(one.replica())))) as running:
        got = await running.chat()
        (entry,) = on_disk(running)
        check(entry)
        assert float(got.headers["x-tulou-cost"]) == entry.cost / 1_000_000


@pytest.mark.parametrize("usage", [None, [], {}, {"prompt_tokens": {"total": 7}}, {"total_tokens": 10}])
async def test_counts_that_are_absent_or_in_the_wrong_place_are_estimated(tmp_path: Path, usage: object) -> None:
    message = {"role": "assistant", "content": "hello", "usage": {"prompt_tokens": 999_999, "completion_tokens": 9}}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 200, {"id": "c", "usage": usage, "choices": choices})

    async with upstream(act=act) as one, gate(tmp_path, priced(snapshot(target(one.replica())))) as running:
        await running.chat()
        (entry,) = on_disk(running)
        check(entry)


@WRITTEN
def test_counts_are_found_in_what_passes_through(answer: dict[str, object], expected: tuple[int, int, int]) -> None:
    body = msgspec.json.encode({"id": "c", **answer})

    for passed in (scan_usage(body), read_usage(b"data: " + body + b"\n\n")[0]):
        assert isinstance(passed, Usage)
        assert (passed.input, passed.output, passed.cached) == expected


CALLED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "1", "function": {"name": "look", "arguments": "{}"}}],
}


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}])
@pytest.mark.parametrize(
    "message",
    [CALLED, {"role": "assistant", "reasoning": "hm"}, {"content": [{"type": "text", "text": "hello"}]}],
    ids=["a call", "a thought", "parts"],
)
async def test_an_answer_that_says_no_words_is_not_free(tmp_path: Path, message: object, usage: object) -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 200, {"id": "c", "usage": usage, "choices": choices})

    async with upstream(act=act) as one, gate(tmp_path, priced(snapshot(target(one.replica())))) as running:
        await running.chat(messages=[{"role": "user", "content": [picture]}])
        (entry,) = on_disk(running)
        check(entry)


async def test_a_good_count_that_a_bad_one_follows_is_not_taken(tmp_path: Path) -> None:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        for prompt, completion in ((1, 1), (7, -3)):
            usage = {"prompt_tokens": prompt, "completion_tokens": completion}
            data = b"data: " + msgspec.json.encode({"choices": [], "usage": usage}) + b"\n\n"
            await send({"type": "http.response.body", "body": chunk("hello " * 40) + data, "more_body": True})
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async with upstream(act=act) as one, gate(tmp_path, priced(snapshot(target(one.replica())))) as running:
        await running.chat(stream=True)
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()
        check(entry)
        assert entry.units.output > 2


def embedding(usage: object) -> object:
    return {"data": [{"index": 0, "embedding": [0.5, 1.0]}], "usage": usage, "model": "m"}


def ranking(usage: object) -> object:
    return {"results": [{"index": 0, "relevance_score": 0.5}], "usage": usage}


ABSURD: list[object] = [{"prompt_tokens": -5, "total_tokens": -5}, {"prompt_tokens": 1e30, "total_tokens": 1e30}, {}, 3]
OTHERS: dict[Endpoint, tuple[str, dict[str, Any], Callable[[object], object]]] = {
    "embeddings": ("/v1/embeddings", {"model": "tiny", "input": "hello there"}, embedding),
    "rerank": ("/v1/rerank", {"model": "tiny", "query": "hello there", "documents": ["one"]}, ranking),
}


@pytest.mark.parametrize("usage", ABSURD)
@pytest.mark.parametrize("endpoint", OTHERS)
async def test_other_endpoints_are_estimated_as_well(tmp_path: Path, endpoint: Endpoint, usage: object) -> None:
    path, asked, answer = OTHERS[endpoint]

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 200, answer(usage))

    async with upstream(act=act) as one:
        told = snapshot(target(one.replica(capabilities=("embeddings", "rerank")), endpoints=(endpoint,)))
        async with gate(tmp_path, priced(told)) as running:
            got = await running.http.post(path, json=asked, headers=AUTH)
            (entry,) = on_disk(running)
            assert got.status_code == 200
            assert (entry.counted, entry.units.output) == ("estimate", 0)
            assert 0 < entry.units.input < 1000


@pytest.mark.parametrize("tokens", [-1, 1e30, "many", None, True])
async def test_a_count_of_a_prompt_that_cannot_be_is_estimated_and_said_to_be(tmp_path: Path, tokens: object) -> None:
    speech = SPEECHES["anthropic"]

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 200, {"input_tokens": tokens})

    asked = {"model": "tiny", "messages": [{"role": "user", "content": "hello there"}]}
    async with vendor(speech, "v1", act) as one, gate(tmp_path, told_of(one, speech)) as running:
        got = await running.http.post("/v1/messages/count_tokens", json=asked, headers=AUTH)
        assert (got.status_code, got.json(), got.headers["x-tulou-counted"]) == (200, {"input_tokens": 3}, "estimate")


@pytest.mark.parametrize("value", WORSE[:2] + WORSE[3:])
def test_counts_that_cannot_be_are_found_in_what_is_passed_on(value: str) -> None:
    body = b'{"choices": [], "usage": {"prompt_tokens": %b, "completion_tokens": 3}}' % value.encode()

    assert isinstance(scan_usage(body), Miscounted)
    said, alone = read_usage(b"data: " + body + b"\n\n")
    assert isinstance(said, Miscounted)
    assert alone


def test_counts_of_a_part_of_an_answer_are_not_its_own() -> None:
    part = {"message": {"content": "hi", "usage": {"prompt_tokens": 5, "completion_tokens": 5}}}

    assert scan_usage(msgspec.json.encode({"choices": [part]})) is None
    assert scan_usage(msgspec.json.encode({"choices": [], "x": {"usage": {"prompt_tokens": 5}}, "id": "c"})) is None
