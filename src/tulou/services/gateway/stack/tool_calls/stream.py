"""A stream whose text may become calls: it is held back for as long as it may, and not longer."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from tulou.services.gateway.dialects.sse import payload, split_complete, split_events
from tulou.services.gateway.stack.events import DONE
from tulou.services.gateway.stack.tool_calls.answer import Json, calls_in, finish_of, tool_calls
from tulou.services.gateway.stack.tool_calls.beginning import Beginning
from tulou.services.gateway.stack.tool_calls.offer import Offer
from tulou.services.gateway.stack.tool_calls.shapes import TEXT_CAP

EVENT_CAP = 1024 * 1024
"""Bytes of one event; a longer one makes a stream pass as it comes."""


@dataclass(slots=True)
class _Choice:
    """One of the answers: its text so far, and the events that brought it."""

    texts: list[str] = field(default_factory=list[str])
    size: int = 0
    beginning: Beginning = field(default_factory=Beginning)
    held: list[bytes] = field(default_factory=list[bytes])
    passes: bool = False

    def add(self, text: str) -> None:
        """Take more of its text."""
        self.texts.append(text)
        self.size += len(text)
        self.beginning.add(text)


class ToolCallStream:
    """Takes a stream's bytes, and gives out those that may go."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._choices: dict[int, _Choice] = {}
        self._piece = b""
        self._gives_up = False

    @property
    def held(self) -> int:
        """How many events wait for what becomes of them."""
        return sum(len(choice.held) for choice in self._choices.values())

    def feed(self, data: bytes) -> bytes:
        """Return what may go out now."""
        if self._gives_up:
            return data
        whole, self._piece = split_complete(self._piece + data)
        out = b"".join(self._event(event) for event in split_events(whole))
        if len(self._piece) > EVENT_CAP:
            self._gives_up = True
            return out + self.end()
        return out

    def end(self) -> bytes:
        """Return what is left when the stream is over, or has broken."""
        left = b"".join(event for choice in self._choices.values() for event in choice.held)
        self._choices.clear()
        piece, self._piece = self._piece, b""
        return left + piece

    def _event(self, event: bytes) -> bytes:
        data = payload(event)
        if not data:
            return event
        if data == DONE:
            return self.end() + event
        try:
            chunk = msgspec.json.decode(data, type=Json)
            choices = chunk.get("choices") or ()
            if len(choices) != 1:
                return event  # counts of tokens, or an error
            return self._taken(event, chunk, choices[0])
        except (
            msgspec.MsgspecError,
            LookupError,
            TypeError,
            AttributeError,
            ValueError,
            ArithmeticError,
            RecursionError,
        ):
            return self.end() + event

    def _taken(self, event: bytes, chunk: Json, given: Json) -> bytes:
        choice = self._choices.setdefault(int(given.get("index") or 0), _Choice())
        delta: dict[str, Any] = given.get("delta") or {}
        text, finish = delta.get("content") or "", given.get("finish_reason")
        if choice.passes or not (text or finish or choice.held or delta.get("tool_calls")):
            return event
        choice.add(text)
        choice.held.append(event)
        if not finish and not delta.get("tool_calls") and self._may_be(choice):
            return b""
        calls = calls_in("".join(choice.texts), self._offer, finish)
        held, choice.held, choice.texts, choice.passes = choice.held, [], [], True
        return _written(chunk, given, tool_calls(calls)) if calls else b"".join(held)

    def _may_be(self, choice: _Choice) -> bool:
        return choice.size <= TEXT_CAP and (self._offer.must or choice.beginning.may_be_call)


def _written(chunk: Json, given: Json, calls: list[Json]) -> bytes:
    """Return the events of calls, and the last one of the answer, made of what was its last."""
    finish = finish_of(given.get("finish_reason"))
    numbered = [{"index": place, **call} for place, call in enumerate(calls)]
    called: Json = {**chunk, "choices": [{**given, "delta": {"tool_calls": numbered}, "finish_reason": None}]}
    called.pop("usage", None)
    called.pop("timings", None)
    last: Json = {**chunk, "choices": [{**given, "delta": {}, "finish_reason": finish}]}
    return b"data: %b\n\ndata: %b\n\n" % (msgspec.json.encode(called), msgspec.json.encode(last))
