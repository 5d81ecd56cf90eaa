"""Writes a stream: a typed, numbered event for every step of every item."""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.events import (
    CallPiece,
    CallStarted,
    Event,
    Failed,
    Finished,
    Miscounted,
    OpaquePart,
    PartEnded,
    Started,
    TextPiece,
    ThoughtPiece,
    Used,
)
from tulou.services.gateway.dialects.folding import Folded
from tulou.services.gateway.dialects.openai_responses.open_item import OpenItem, open_item
from tulou.services.gateway.dialects.openai_responses.response import Frame, status_of

Json = dict[str, object]
_encode = msgspec.json.Encoder().encode


class Writer:
    """Writes the events of one response."""

    def __init__(self, echo: Echo) -> None:
        self._frame = Frame(echo)
        self._number = 0
        self._folded = Folded()
        self._items: dict[int, OpenItem] = {}
        self._output: list[object] = []
        self._finished = Finished(reason="other")
        self._started = False
        self._failed = False

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the bytes for these events, whole frames only."""
        return b"".join([self._write(event) for event in events])

    def end(self) -> bytes:
        """Return the frames that end the stream; none after a failure, which was the end."""
        if self._failed:
            return b""
        left = b"".join([self._close(place) for place in sorted(self._items)])
        state = self._frame.ended(self._output, self._finished, self._folded.used)
        return left + self._tell(f"response.{status_of(self._finished)}", {"response": state})

    def _write(self, event: Event) -> bytes:
        self._folded.add(event)
        match event:
            case TextPiece() | ThoughtPiece() | CallStarted() | CallPiece():
                return self._more(event)
            case PartEnded():
                return self._close(event.place)
            case Started():
                self._started = True
                return self._told("response.created") + self._told("response.in_progress")
            case OpaquePart():
                return self._opaque(event)
            case Finished():
                self._finished = event
                return b""
            case _:
                return self._fail(event)

    def _fail(self, event: Used | Miscounted | Failed) -> bytes:
        match event:
            case Used() | Miscounted():
                return b""
            case Failed():
                self._failed = True
                if not self._started:
                    said: Json = {"code": event.code or None, "message": event.message, "param": None}
                    return self._tell("error", said)
                state = self._frame.failed(self._output, event, self._folded.used)
                return self._tell("response.failed", {"response": state})
            case _:
                assert_never(event)

    def _told(self, name: str) -> bytes:
        return self._tell(name, {"response": self._frame.begun()})

    def _more(self, event: TextPiece | ThoughtPiece | CallStarted | CallPiece) -> bytes:
        out = b""
        item = self._items.get(event.place)
        if item is None:
            piece = self._folded.choice(event.choice).places[event.place]
            item = self._items[event.place] = open_item(
                self._frame, piece, event.place, len(self._output) + len(self._items)
            )
            out = self._tell("response.output_item.added", item.added())
        return out + b"".join([self._tell(name, told) for name, told in item.more(event)])

    def _close(self, place: int) -> bytes:
        item = self._items.pop(place, None)
        if item is None:
            return b""  # nothing was written of this part
        out = b"".join([self._tell(name, told) for name, told in item.ended()])
        done = item.done()
        self._output.append(done["item"])
        return out + self._tell("response.output_item.done", done)

    def _opaque(self, event: OpaquePart) -> bytes:
        item = self._frame.item_of(self._folded.choice(event.choice).places[event.place], "")
        if item is None:
            return b""
        told: Json = {"output_index": len(self._output), "item": item}
        self._output.append(item)
        return self._tell("response.output_item.added", told) + self._tell("response.output_item.done", told)

    def _tell(self, name: str, told: Json) -> bytes:
        number, self._number = self._number, self._number + 1
        payload = _encode({"type": name, "sequence_number": number, **told})
        return b"event: %b\ndata: %b\n\n" % (name.encode("ascii"), payload)
