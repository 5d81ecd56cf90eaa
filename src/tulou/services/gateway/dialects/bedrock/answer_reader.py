"""Reads answers, whole and in pieces."""

from collections.abc import Iterable, Sequence

import msgspec

from tulou.services.gateway.dialects.bedrock.citations import annotations
from tulou.services.gateway.dialects.bedrock.frames import Frames, Message
from tulou.services.gateway.dialects.bedrock.shapes import Answer, Block, Citation, Delta, StreamEvent, ToolUse, Usage
from tulou.services.gateway.dialects.bedrock.words import BROKEN, MAKER, REASONS
from tulou.services.gateway.dialects.counts import CountReader, meant
from tulou.services.gateway.dialects.errors import status_of
from tulou.services.gateway.dialects.events import (
    CallPiece,
    CallStarted,
    Event,
    Failed,
    Finished,
    PartEnded,
    Started,
    TextPiece,
    ThoughtPiece,
    Used,
    broken_off,
    untold,
)
from tulou.services.gateway.dialects.places import NO_ARGUMENTS
from tulou.services.gateway.dialects.reading import present
from tulou.services.gateway.dialects.seals import seal
from tulou.services.gateway.dialects.stream_reader import ENDED_EARLY

_ANSWER = msgspec.json.Decoder(Answer)
_USAGE = CountReader(Usage)
_EVENT = msgspec.json.Decoder(StreamEvent)


def read_answer(body: bytes) -> Sequence[Event]:
    """Return a whole answer; raise `ValueError` if it is none."""
    answer = _ANSWER.decode(body)
    if answer.output is None or answer.output.message is None:
        raise ValueError("the answer holds no message")
    events: list[Event] = [Started()]
    for place, block in enumerate(answer.output.message.content):
        events.extend(_block(block, place))
        events.append(PartEnded(place=place))
    events.append(_finished(answer.stop_reason))
    if (counts := meant(_USAGE.read(answer.usage), used)) is not None:
        events.append(counts)
    return events


class Reader:
    """Reads one stream."""

    def __init__(self) -> None:
        self._frames = Frames()
        self._calls: set[int] = set()
        self._argued: set[int] = set()
        self._lengths: dict[int, int] = {}
        self._cited: dict[int, list[Citation]] = {}
        self._finished = False
        self._over = False

    def feed(self, data: bytes) -> Sequence[Event]:
        """Return the events that are complete now; raise `ValueError` for what the dialect does not allow."""
        events: list[Event] = []
        for message in self._frames.feed(data):
            if not self._over:
                events.extend(self._read(message))
        return events

    def end(self) -> Sequence[Event]:
        """Return what is left when the stream ends; a `Failed` if it ended too early."""
        if self._over or (self._finished and not self._frames.torn):
            return ()
        self._over = True
        return (ENDED_EARLY,)

    def _read(self, message: Message) -> Iterable[Event]:
        kind = message.headers.get(":message-type", "event")
        if kind != "event":
            self._over = True
            return (_failed(message),)
        events = tuple(self._event(message.headers.get(":event-type"), _EVENT.decode(message.payload or b"{}")))
        self._over = any(isinstance(event, Failed) for event in events)
        return events

    def _event(self, kind: str | None, event: StreamEvent) -> Iterable[Event]:
        place = event.content_block_index
        match kind:
            case "contentBlockDelta" if event.delta is not None:
                yield from self._more(event.delta, place)
            case "contentBlockStart" if event.start is not None and event.start.tool_use is not None:
                self._calls.add(place)
                yield _call(event.start.tool_use, place)
            case "contentBlockStop":
                if cited := self._cited.pop(place, None):
                    notes = annotations(cited, length=self._lengths.get(place, 0))
                    yield TextPiece(text="", place=place, annotations=notes)
                if place in self._calls - self._argued:
                    yield CallPiece(arguments=NO_ARGUMENTS, place=place)
                yield PartEnded(place=place)
            case "messageStart":
                yield Started()
            case "messageStop":
                self._finished = True
                yield _finished(event.stop_reason)
            case "metadata" if (counts := meant(_USAGE.read(event.usage), used)) is not None:
                yield counts
            case _:
                pass

    def _more(self, delta: Delta, place: int) -> Iterable[Event]:
        if delta.tool_use is not None and place not in self._calls:
            raise ValueError(f"the stream goes on with the call {place}, which never began")
        if delta.tool_use is not None and delta.tool_use.input.strip():
            self._argued.add(place)
        if delta.image:
            yield untold("image")
        if delta.citation is not None:
            self._cited.setdefault(place, []).append(delta.citation)
        if delta.text is not None:
            self._lengths[place] = self._lengths.get(place, 0) + len(delta.text)
        yield from _more(delta, place)


def _block(block: Block, place: int) -> Iterable[Event]:
    if block.text is not None:
        yield TextPiece(text=block.text, place=place)
    elif block.tool_use is not None:
        yield _call(block.tool_use, place)
        arguments = present(block.tool_use.input)
        yield CallPiece(arguments=NO_ARGUMENTS if arguments is None else bytes(arguments).decode(), place=place)
    elif (reasoning := block.reasoning_content) is not None:
        if reasoning.reasoning_text is not None:
            yield ThoughtPiece(text=reasoning.reasoning_text.text, place=place)
            if reasoning.reasoning_text.signature:
                yield ThoughtPiece(signature=seal(MAKER, reasoning.reasoning_text.signature), place=place)
        if reasoning.redacted_content:
            yield ThoughtPiece(redacted=seal(MAKER, reasoning.redacted_content), place=place)
    elif (cited := block.citations_content) is not None:
        text = "".join(piece.text for piece in cited.content)
        yield TextPiece(text=text, place=place, annotations=annotations(cited.citations, length=len(text)))
    elif block.image or block.audio or block.video:
        yield untold("image" if block.image else "audio" if block.audio else "video")


def _more(delta: Delta, place: int) -> Iterable[Event]:
    if delta.text is not None:
        yield TextPiece(text=delta.text, place=place)
    elif delta.tool_use is not None:
        yield CallPiece(arguments=delta.tool_use.input, place=place)
    elif (reasoning := delta.reasoning_content) is not None:
        yield ThoughtPiece(
            text=reasoning.text or "",
            signature=seal(MAKER, reasoning.signature or ""),
            redacted=seal(MAKER, reasoning.redacted_content or ""),
            place=place,
        )


def _call(call: ToolUse, place: int) -> CallStarted:
    return CallStarted(id=call.tool_use_id, name=call.name, place=place)


def _finished(reason: str | None) -> Finished | Failed:
    if reason in BROKEN:
        return broken_off(reason)
    return Finished(reason=REASONS.get(reason or "", "other"))


def used(usage: Usage) -> Used:
    """Return the counts; what the cache took part in is counted beside the input here, and in it in ours."""
    read, written = usage.cache_read_input_tokens or 0, usage.cache_write_input_tokens or 0
    return Used(
        input=(usage.input_tokens or 0) + read + written,
        output=usage.output_tokens or 0,
        cached=read,
        cache_written=written,
        cache_written_hour=min(written, _hour(usage)),
    )


def _hour(usage: Usage) -> int:
    return sum(detail.input_tokens or 0 for detail in usage.cache_details or () if detail.ttl == "1h")


def _failed(message: Message) -> Failed:
    """Return what an exception says: `:exception-type` of those that are modelled, `:error-code` of others."""
    name = message.headers.get(":exception-type") or message.headers.get(":error-code") or "the upstream failed"
    try:
        said = _EVENT.decode(message.payload or b"{}").message
    except msgspec.MsgspecError:
        said = None
    words = said or message.headers.get(":error-message") or name
    return Failed(message=words, code=name, kind=name, status=status_of(name))
