"""Writes a stream. Its frames are put together from prepared bytes: there is one for every token."""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from tulou.services.gateway.dialects.custom_input import InputReader
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
from tulou.services.gateway.dialects.openai_chat.annotations import nested
from tulou.services.gateway.dialects.openai_chat.answer_writer import customs_of, usage_of
from tulou.services.gateway.dialects.openai_chat.message_writer import detail
from tulou.services.gateway.dialects.openai_chat.words import FINISHES
from tulou.services.gateway.dialects.prompt import ThoughtPart
from tulou.services.gateway.dialects.sse import frame, named_frame

_encode = msgspec.json.Encoder().encode


class Writer:
    """Writes the chunks of one answer."""

    def __init__(self, echo: Echo) -> None:
        head = {"id": echo.id, "object": "chat.completion.chunk", "created": echo.created, "model": echo.model}
        self._head = b"data: " + _encode(head)[:-1] + b',"choices":['
        self._tail = b'],"usage":null}\n\n' if echo.prompt.usage_in_stream else b"]}\n\n"
        self._choices = echo.prompt.n
        self._wants_usage = echo.prompt.usage_in_stream
        self._used: Used | None = None
        self._calls: dict[int, list[int]] = {}
        self._thoughts: dict[tuple[int, int], list[str]] = {}
        self._texts: dict[tuple[int, int], int] = {}
        self._failed = False
        self._customs = customs_of(echo)
        self._inputs: dict[tuple[int, int], InputReader] = {}

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the bytes for these events, whole frames only."""
        return b"".join([self._write(event) for event in events])

    def end(self) -> bytes:
        """Return the frames that end the stream; none after a failure, which was the end."""
        if self._failed:
            return b""
        if not self._wants_usage:
            return frame(b"[DONE]")
        counts = _encode(usage_of(self._used or Used()))
        return b'%b],"usage":%b}\n\n%b' % (self._head, counts, frame(b"[DONE]"))

    def _write(self, event: Event) -> bytes:
        match event:
            case TextPiece():
                return self._text(event)
            case ThoughtPiece():
                return self._thought(event)
            case CallStarted() | CallPiece():
                return self._call(event)
            case Started():
                start = b'{"role":"assistant","content":"","refusal":null}'
                return b"".join([self._chunk(choice, start) for choice in range(self._choices)])
            case _:
                return self._end(event)

    def _end(self, event: PartEnded | OpaquePart | Finished | Used | Miscounted | Failed) -> bytes:
        match event:
            case Finished():
                return self._chunk(event.choice, b"{}", reason=b'"%b"' % FINISHES[event.reason].encode("ascii"))
            case Used():
                self._used = event
                return b""
            case Failed():
                self._failed = True
                return named_frame("error", _encode({"error": _fault(event)}))
            case Miscounted():
                self._used = None
                return b""
            case PartEnded() if self._inputs:
                return self._input_ended(event)
            case PartEnded() | OpaquePart():
                return b""
            case _:
                assert_never(event)

    def _text(self, event: TextPiece) -> bytes:
        logprobs = b"null" if event.logprobs is None else bytes(event.logprobs)
        if event.refusal:
            return self._chunk(event.choice, b'{"refusal":%b}' % _encode(event.text), logprobs=logprobs)
        place = (event.choice, event.place)
        self._texts[place] = self._texts.get(place, 0) + len(event.text)
        if event.annotations:
            notes = nested(event.annotations, offset=self._before(event))
            delta = _encode({"content": event.text, "annotations": notes})
        else:
            delta = b'{"content":%b}' % _encode(event.text)
        return self._chunk(event.choice, delta, logprobs=logprobs)

    def _before(self, event: TextPiece) -> int:
        """Return how many characters of the message came before the text at this place."""
        return sum(
            length for (choice, place), length in self._texts.items() if choice == event.choice and place < event.place
        )

    def _thought(self, event: ThoughtPiece) -> bytes:
        said = self._thoughts.setdefault((event.choice, event.place), [])
        said.append(event.text)
        if not event.signature and not event.redacted:
            return self._chunk(event.choice, b'{"reasoning_content":%b}' % _encode(event.text))
        # What proves a thought is worth nothing without its words, so that they come once more with it.
        words = "" if event.redacted else "".join(said)
        thought = ThoughtPart(text=words, signature=event.signature, redacted=event.redacted, summary=event.summary)
        delta: dict[str, object] = {"reasoning_details": [detail(thought)]}
        if event.text:
            delta["reasoning_content"] = event.text
        return self._chunk(event.choice, _encode(delta))

    def _call(self, event: CallStarted | CallPiece) -> bytes:
        places = self._calls.setdefault(event.choice, [])
        if isinstance(event, CallPiece):
            if (event.choice, event.place) in self._inputs:
                return self._input(event, self._inputs[event.choice, event.place].feed(event.arguments))
            piece = b'{"index":%d,"function":{"arguments":%b}}' % (places.index(event.place), _encode(event.arguments))
            return self._chunk(event.choice, b'{"tool_calls":[%b]}' % piece)
        places.append(event.place)
        call: dict[str, object] = {"index": len(places) - 1, "id": event.id}
        if event.name in self._customs:
            self._inputs[event.choice, event.place] = InputReader()
            call |= {"type": "custom", "custom": {"name": event.name, "input": ""}}
        else:
            call |= {"type": "function", "function": {"name": event.name, "arguments": ""}}
        return self._chunk(event.choice, _encode({"tool_calls": [call]}))

    def _input(self, event: CallPiece | PartEnded, text: str) -> bytes:
        """Write more of the text that a custom tool is called with."""
        if not text:
            return b""
        index = self._calls[event.choice].index(event.place)
        return self._chunk(event.choice, _encode({"tool_calls": [{"index": index, "custom": {"input": text}}]}))

    def _input_ended(self, event: PartEnded) -> bytes:
        reader = self._inputs.pop((event.choice, event.place), None)
        return self._input(event, reader.end()) if reader is not None else b""

    def _chunk(self, choice: int, delta: bytes, *, logprobs: bytes = b"null", reason: bytes = b"null") -> bytes:
        return b'%b{"index":%d,"delta":%b,"logprobs":%b,"finish_reason":%b}%b' % (
            self._head,
            choice,
            delta,
            logprobs,
            reason,
            self._tail,
        )


def _fault(event: Failed) -> dict[str, object]:
    kind = event.kind or words_of(event.status).openai
    return {"message": event.message, "type": kind, "param": None, "code": event.code or None}
