"""Answers with something wrong in them: what a vendor may send that no document of its allows."""

import json

from hypothesis import strategies as st

from tulou.services.gateway.dialects.tests.canned import lines, stream, whole
from tulou.services.gateway.dialects.tests.eventstream import event
from tulou.testing.mutations import Json, mutated


@st.composite
def wrong_whole(draw: st.DrawFn, upstream: str, scenario: str) -> bytes:
    """Return a whole answer with something wrong in it."""
    return json.dumps(draw(mutated(json.loads(whole(upstream, scenario))))).encode()


@st.composite
def wrong_stream(draw: st.DrawFn, upstream: str, scenario: str) -> list[bytes]:
    """Return the pieces of a stream with something wrong in it: in its events, their order, or where it ends."""
    events = _events(upstream, scenario)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(events) - 1))
        name, payload = events[at]
        events[at] = name, draw(mutated(payload))
    match draw(st.integers(0, 4)):
        case 0:
            events = draw(st.permutations(events))
        case 1:
            events = events[: draw(st.integers(0, len(events)))]
        case 2:
            events = [one for one in events for _ in range(draw(st.integers(1, 2)))]
        case _:
            pass
    return [_framed(upstream, name, payload) for name, payload in events]


def _events(upstream: str, scenario: str) -> list[tuple[str, Json]]:
    if upstream == "bedrock":
        return [next(iter(json.loads(line).items())) for line in lines(upstream, scenario)]
    found: list[tuple[str, Json]] = []
    for block in stream(upstream, scenario).decode().replace("\r\n", "\n").split("\n\n"):
        fields = block.split("\n")
        name = next((line[6:].strip() for line in fields if line.startswith("event:")), "")
        data = "".join(line[5:].strip() for line in fields if line.startswith("data:"))
        if data and data != "[DONE]":
            found.append((name, json.loads(data)))
    return found


def _framed(upstream: str, name: str, payload: Json) -> bytes:
    data = json.dumps(payload).encode()
    if upstream == "bedrock":
        return event(name, data)
    return (b"event: %b\n" % name.encode() if name else b"") + b"data: %b\n\n" % data
