"""Writes a stream of typed events."""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from tulou.services.gateway.dialects.anthropic.answer_writer import message_of, stop_of, usage_of
from tulou.services.gateway.dialects.anthropic.words import FAMILY, MAKER
from tulou.services.gateway.dialects.citations import citations_of
from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.errors import words_of
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
from tulou.services.gateway.dialects.seals import shown
from tulou.services.gateway.dialects.sse import named_frame

_encode = msgspec.json.Encoder().encode

TEXT = b'{"type":"text","text":""}'
THINKING = b'{"type":"thinking","thinking":"","signature":""}'


class Writer:
    """Writes the events of one message."""

    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self._indexes: dict[int, int] = {}
        self._used: Used | None = None
        self._finished = Finished(reason="other")
        self._refused = False
        self._failed = False

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the bytes for these events, whole frames only."""
        return b"".join([self._write(event) for event in events])

    def end(self) -> bytes:
        """Return the frames that end the stream; none after a failure, which was the end."""
        if self._failed:
            return b""
        delta = {
            "stop_reason": stop_of(self._finished.reason, refused=self._refused),
            "stop_sequence": self._finished.stop_sequence or None,
        }
        ended = {"type": "message_delta", "delta": delta, "usage": usage_of(self._used or Used())}
        return named_frame("message_delta", _encode(ended)) + named_frame("message_stop", b'{"type":"message_stop"}')

    def _write(self, event: Event) -> bytes:
        match event:
            case TextPiece():
                self._refused = self._refused or event.refusal
                if event.annotations:
                    return self._cited(event)
                return self._delta(event.place, TEXT, b'{"type":"text_delta","text":%b}' % _encode(event.text))
            case ThoughtPiece():
                return self._thought(event)
            case CallPiece():
                more = b'{"type":"input_json_delta","partial_json":%b}' % _encode(event.arguments)
                return self._delta(event.place, b"", more)
            case CallStarted():
                called = _encode(event.id), _encode(event.name)
                return self._begin(event.place, b'{"type":"tool_use","id":%b,"name":%b,"input":{}}' % called)
            case _:
                return self._write_frame(event)

    def _write_frame(self, event: Started | PartEnded | OpaquePart | Finished | Used | Miscounted | Failed) -> bytes:
        match event:
            case Started():
                return self._start(event)
            case PartEnded():
                return self._stop(event.place)
            case OpaquePart():
                return self._begin(event.place, bytes(event.raw)) if event.family == FAMILY else b""
            case Finished():
                self._finished = event
            case Used():
                self._used = event
            case Miscounted():
                self._used = None
            case Failed():
                self._failed = True
                error = {"type": words_of(event.status).anthropic, "message": event.message}
                return named_frame("error", _encode({"type": "error", "error": error}))
            case _:
                assert_never(event)
        return b""

    def _start(self, event: Started) -> bytes:
        message = message_of(self._echo, [])
        message["usage"] = usage_of(Used(input=event.input_tokens or 0))
        return named_frame("message_start", _encode({"type": "message_start", "message": message}))

    def _thought(self, event: ThoughtPiece) -> bytes:
        if event.redacted:
            block = {"type": "redacted_thinking", "data": shown(event.redacted, MAKER)}
            return self._begin(event.place, _encode(block))
        out = b""
        if event.text or not event.signature:
            more = b'{"type":"thinking_delta","thinking":%b}' % _encode(event.text)
            out = self._delta(event.place, THINKING, more)
        if event.signature:
            signature = _encode(shown(event.signature, MAKER))
            out += self._delta(event.place, THINKING, b'{"type":"signature_delta","signature":%b}' % signature)
        return out

    def _cited(self, event: TextPiece) -> bytes:
        said = b'{"type":"text_delta","text":%b}' % _encode(event.text)
        out = self._delta(event.place, TEXT, said) if event.text else b""
        for citation in citations_of(event.annotations):
            out += self._delta(event.place, TEXT, _encode({"type": "citations_delta", "citation": citation}))
        return out

    def _begin(self, place: int, block: bytes) -> bytes:
        index = self._indexes[place] = len(self._indexes)
        start = b'{"type":"content_block_start","index":%d,"content_block":%b}' % (index, block)
        return b"event: content_block_start\ndata: %b\n\n" % start

    def _delta(self, place: int, block: bytes, delta: bytes) -> bytes:
        start = b"" if place in self._indexes else self._begin(place, block)
        return b'%bevent: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":%b}\n\n' % (
            start,
            self._indexes[place],
            delta,
        )

    def _stop(self, place: int) -> bytes:
        index = self._indexes.get(place)
        if index is None:
            return b""  # nothing was written of this part
        return b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n' % index
