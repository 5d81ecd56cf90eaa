"""What comes in pieces costs its length, however it is cut: nothing is looked at again with every piece."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from starlette.types import Send

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.dialects.catalogue import UPSTREAMS
from tulou.services.gateway.dialects.events import CallPiece, CallStarted, Event
from tulou.services.gateway.dialects.openai_chat.ending import JsonEnd
from tulou.services.gateway.stack.tool_calls import beginning
from tulou.services.gateway.stack.tool_calls.beginning import Beginning
from tulou.services.gateway.stack.tool_calls.shapes import begins_call, may_begin_call
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, upstream

SIGNS = ("```", "json", "tool_call", "s", "<tool_call>", "<function=", "[TOOL_CALLS]", "<|python_tag|>", "{", "[", '"')
PARTS = some.lists(some.sampled_from([*SIGNS, " ", "\n", "\t  ", "a", "]", "`", "<"]), max_size=8)
VALUES = some.recursive(
    some.none() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
DEEP = 5_000


def cut(text: str, places: list[int]) -> Iterator[str]:
    """Yield a text in pieces that end at these places."""
    ends = sorted({place % (len(text) + 1) for place in places})
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        yield text[start:end]


@given(PARTS, some.lists(some.integers(0, 60), max_size=6))
def test_how_a_text_begins_is_the_same_in_pieces_as_in_one(parts: list[str], places: list[int]) -> None:
    text, so_far, known = "".join(parts), "", Beginning()
    for piece in cut(text, places):
        so_far += piece
        known.add(piece)
        assert known.may_be_call == may_begin_call(so_far)


def test_how_a_text_begins_is_not_looked_at_again_once_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def watched(text: str) -> bool | None:
        seen.append(len(text))
        return begins_call(text)

    monkeypatch.setattr(beginning, "begins_call", watched)
    known = Beginning()
    for piece in [*[" "] * 5_000, "{", *[" "] * 5_000, '"', *["a"] * 50_000]:
        known.add(piece)

    assert known.may_be_call
    assert len(seen) < 10_010
    assert max(seen) < 10


@given(some.dictionaries(some.text(max_size=4), VALUES, max_size=4), some.lists(some.integers(0, 200), max_size=9))
def test_an_object_has_ended_with_its_last_sign_and_no_sooner(value: dict[str, Any], places: list[int]) -> None:
    text, end, so_far = json.dumps(value, ensure_ascii=False), JsonEnd(), ""
    for piece in cut(text, places):
        assert not (end.ended and piece)
        so_far += piece
        end.add(piece)
        assert end.ended is (so_far == text)
    end.add(" \n")
    assert end.ended
    end.add("x")
    assert not end.ended


def read(*pieces: dict[str, Any]) -> list[Event]:
    """Return the events of a stream whose pieces are parts of calls."""
    reader = UPSTREAMS["openai"].reader()
    events: list[Event] = []
    for piece in pieces:
        frame = {"id": "c", "choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]}
        events += reader.feed(b"data: " + json.dumps(frame).encode() + b"\n\n")
    return [*events, *reader.end()]


def call(index: int, arguments: str, **more: str) -> dict[str, Any]:
    return {"index": index, "function": {"arguments": arguments, **more}} | ({"id": f"c{index}"} if more else {})


def test_a_call_whose_arguments_lie_deep_breaks_no_stream() -> None:
    deep = '{"a":' + "[" * DEEP + "]" * DEEP + "}"
    events = read(call(0, deep, name="look"), call(1, "{}", name="see"))

    assert [event.name for event in events if isinstance(event, CallStarted)] == ["look", "see"]


def test_the_next_call_goes_on_as_soon_as_the_one_before_has_ended() -> None:
    events = read(call(0, '{"a": "}', name="look"), call(1, '{"b"', name="see"), call(0, '"}'), call(1, ": 1}"))
    told = [
        event.arguments if isinstance(event, CallPiece) else event.name
        for event in events
        if isinstance(event, CallPiece | CallStarted)
    ]

    assert told[:5] == ["look", '{"a": "}', '"}', "see", '{"b"']


DEEP_JSON = b'{"tokens":' + b"[" * DEEP + b"]" * DEEP + b"}"


@pytest.mark.parametrize(
    "path", ["/tokenize", "/detokenize", "/v1/embeddings", "/v1/rerank", "/v1/messages/count_tokens"]
)
async def test_an_answer_that_lies_deep_is_the_replicas_fault_and_no_failure_of_the_gate(
    tmp_path: Path, path: str
) -> None:
    async def deep(seen: Seen, send: Send) -> None:
        del seen
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": DEEP_JSON})

    asked: dict[str, Any] = {
        "/tokenize": {"content": "x"},
        "/detokenize": {"tokens": [1]},
        "/v1/embeddings": {"input": "x"},
        "/v1/rerank": {"query": "q", "documents": ["a"]},
    }.get(path, {"messages": [{"role": "user", "content": "hi"}]})
    endpoints: tuple[Endpoint, ...] = ("tokenize", "detokenize", "embeddings", "rerank", "count_tokens")
    async with upstream(act=deep) as one:
        dialect = "gemini" if path == "/v1/embeddings" else "openai"
        told = snapshot(target(one.replica(dialect=dialect), endpoints=endpoints))
        async with gate(tmp_path, told) as running:
            got = await running.http.post(path, json={"model": "tiny", **asked}, headers=AUTH)

    assert got.status_code in {200, 502, 503}, got.text
    assert "internal" not in got.text
