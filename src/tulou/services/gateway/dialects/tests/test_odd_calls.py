"""Calls of tools in odd pieces, and thoughts that a client did not keep."""

import json
from typing import Any

import pytest

from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, Echo
from tulou.services.gateway.dialects.events import CallPiece, CallStarted, Event
from tulou.services.gateway.dialects.folding import fold
from tulou.services.gateway.dialects.tests.asked import body

Json = dict[str, Any]


def stream(*calls: Json) -> bytes:
    deltas = [{"tool_calls": [call]} for call in calls]
    choices = [{"index": 0, "delta": delta} for delta in deltas] + [{"index": 0, "finish_reason": "tool_calls"}]
    return b"".join(b"data: " + json.dumps({"id": "c", "choices": [one]}).encode() + b"\n\n" for one in choices)


def read(*calls: Json) -> list[Event]:
    reader = UPSTREAMS["openai"].reader()
    return [*reader.feed(stream(*calls)), *reader.end()]


def called(events: list[Event]) -> list[tuple[str, str, str]]:
    return [(part.id, part.name, part.text) for part in fold(events).choice().of("call")]


@pytest.mark.parametrize(
    "pieces",
    [
        ({"index": 0, "id": "a", "function": {"arguments": '{"x":'}}, {"index": 0, "function": {"name": "look"}}),
        ({"index": 0, "function": {"arguments": '{"x":'}}, {"index": 0, "id": "a", "function": {"name": "look"}}),
        ({"index": 0, "id": "a"}, {"index": 0, "function": {"name": "look", "arguments": '{"x":'}}),
        ({"index": 0, "id": "a", "function": {"name": ""}}, {"index": 0, "function": {"name": "look"}}),
    ],
)
def test_a_call_waits_for_its_name(pieces: tuple[Json, ...]) -> None:
    rest = "1}" if any("arguments" in piece.get("function", {}) for piece in pieces) else '{"x":1}'
    events = read(*pieces, {"index": 0, "function": {"arguments": rest}})

    assert called(events) == [("a", "look", '{"x":1}')]
    assert next(event for event in events if isinstance(event, CallStarted | CallPiece)) == CallStarted(
        id="a", name="look"
    )
    echo = Echo(id="msg_1", model="m", created=1, prompt=CLIENTS["messages"].read_request(body("messages", "tools")))
    assert b'"name":"look"' in CLIENTS["messages"].writer(echo).write(events)


def test_arguments_that_come_as_an_object_are_their_json() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "look", "arguments": {"x": {"y": "ä"}}}}
    message = {"role": "assistant", "tool_calls": [call]}
    answer = {"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    whole = list(UPSTREAMS["openai"].read_answer(json.dumps(answer).encode()))

    for events in (read(call), whole):
        ((_, name, arguments),) = called(events)
        assert name == "look"
        assert json.loads(arguments) == {"x": {"y": "ä"}}


def test_a_call_that_never_has_a_name_is_no_answer() -> None:
    with pytest.raises(ValueError, match="no name"):
        read({"index": 0, "id": "a", "function": {"arguments": "{}"}})


CALLED: list[Json] = [
    {"role": "user", "content": "Hi"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
    },
    {"role": "tool", "tool_call_id": "a", "content": "31"},
]
SIGNED = [{"type": "reasoning.text", "text": "Hm.", "signature": "anthropic:c2ln"}]


def asked(messages: list[Json]) -> Json:
    tools = [{"type": "function", "function": {"name": "look"}}]
    return {"model": "m", "messages": messages, "tools": tools, "reasoning_effort": "low"}


@pytest.mark.parametrize(
    ("upstream", "model", "where"),
    [
        ("anthropic", "claude-sonnet-4-5", ("thinking",)),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", ("additionalModelRequestFields", "thinking")),
    ],
)
def test_no_thought_is_asked_for_where_the_one_before_a_call_is_lost(
    upstream: Any, model: str, where: tuple[str, ...]
) -> None:
    def written(messages: list[Json]) -> tuple[bool, list[str]]:
        prompt = CLIENTS["chat"].read_request(json.dumps(asked(messages)).encode())
        told = UPSTREAMS[upstream].write_request(prompt, Ability(model=model))
        inner = json.loads(told.body)
        for name in where:
            inner = inner.get(name, {})
        return bool(inner), [drop.field for drop in told.dropped]

    kept = [CALLED[0], CALLED[1] | {"reasoning_details": SIGNED}, CALLED[2]]
    answered = [*CALLED, {"role": "assistant", "content": "31 degrees"}, {"role": "user", "content": "And now?"}]

    assert written(CALLED) == (False, ["reasoning_effort"])
    assert written(kept) == (True, [])
    assert written(answered) == (True, [])
