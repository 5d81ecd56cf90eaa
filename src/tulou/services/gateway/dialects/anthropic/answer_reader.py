"""Reads answers, whole and in pieces."""

from collections.abc import Iterable, Sequence

import msgspec

from tulou.services.gateway.dialects.anthropic.shapes import Block, Delta, Message, StreamEvent, Usage
from tulou.services.gateway.dialects.anthropic.words import FAMILY, MAKER, REASONS
from tulou.services.gateway.dialects.citations import annotations_of
from tulou.services.gateway.dialects.counts import CountReader, bounded
from tulou.services.gateway.dialects.errors import VendorFault, fault_status
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
from tulou.services.gateway.dialects.places import NO_ARGUMENTS
from tulou.services.gateway.dialects.reading import present
from tulou.services.gateway.dialects.seals import seal
from tulou.services.gateway.dialects.stream_reader import StreamReader

_MESSAGE = msgspec.json.Decoder(Message)
_EVENT = msgspec.json.Decoder(StreamEvent)
_BLOCK = msgspec.json.Decoder(Block)
_USAGE = CountReader(Usage)


def read_answer(body: bytes) -> Sequence[Event]:
    """Return a whole answer; raise `ValueError` if it is none."""
    message = _MESSAGE.decode(body)
    if message.error is not None:
        return [_failed(message.error)]
    if message.type != "message":
        raise ValueError(f"the answer is of the type {message.type!r}, not a message")
    events: list[Event] = [Started(id=message.id, model=message.model)]
    for place, raw in enumerate(message.content):
        part = _Part(place, raw)
        events.extend(part.start())
        events.extend(part.stop())
    events.append(_finished(message.stop_reason, message.stop_sequence))
    events.extend(_Counts().add(message.usage))
    return events


class Reader(StreamReader):
    """Reads one stream."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[int, _Part] = {}
        self._counts = _Counts()

    def read(self, payload: bytes) -> Iterable[Event]:
        """Return the events of one JSON text."""
        match event := _EVENT.decode(payload):
            case StreamEvent(type="content_block_delta", delta=Delta() as delta):
                return self._part(event.index).more(delta)
            case StreamEvent(type="content_block_start", content_block=raw) if raw:
                part = self._parts[event.index] = _Part(event.index, raw)
                return part.start()
            case StreamEvent(type="content_block_stop"):
                return self._part(event.index).stop()
            case _:
                return self._read_frame(event)

    def _read_frame(self, event: StreamEvent) -> Iterable[Event]:
        """Read what concerns the message as a whole."""
        match event:
            case StreamEvent(type="message_start", message=Message() as message):
                counts = self._counts.begin(message.usage)
                tokens = next((one.input for one in counts if isinstance(one, Used)), None)
                return Started(id=message.id, model=message.model, input_tokens=tokens), *counts
            case StreamEvent(type="message_delta", delta=Delta() as delta):
                return _finished(delta.stop_reason, delta.stop_sequence), *self._counts.add(event.usage)
            case StreamEvent(type="error"):
                self._over = True
                return (_failed(event.error or VendorFault()),)
            case StreamEvent(type="message_stop"):
                self._over = True
                return ()
            case _:
                return ()

    def _part(self, index: int) -> "_Part":
        part = self._parts.get(index)
        if part is None:
            raise ValueError(f"the stream goes on with part {index}, which never began")
        return part


class _Part:
    """One block as it comes."""

    __slots__ = ("_argued", "_block", "_cited", "_length", "_pieces", "_place", "_raw", "_signature")

    def __init__(self, place: int, raw: msgspec.Raw) -> None:
        self._place = place
        self._raw = raw
        self._block = _BLOCK.decode(raw)
        self._pieces: list[str] = []
        self._signature = self._block.signature or ""
        self._cited: list[msgspec.Raw] = [*(self._block.citations or ())]
        self._length = len(self._block.text)
        self._argued = False

    def start(self) -> Iterable[Event]:
        """Return how it begins, with all that is there already."""
        block, place = self._block, self._place
        match block.type:
            case "text":
                return (TextPiece(text=block.text, place=place),) if block.text else ()
            case "thinking":
                return (ThoughtPiece(text=block.thinking, place=place),) if block.thinking else ()
            case "redacted_thinking":
                return (ThoughtPiece(redacted=seal(MAKER, block.data), place=place),)
            case "tool_use":
                started = CallStarted(id=block.id, name=block.name, place=place)
                arguments = bytes(present(block.input) or b"").decode()
                # A stream begins a call with an empty object, and the pieces of the true one follow.
                self._argued = bool(arguments) and "".join(arguments.split()) != NO_ARGUMENTS
                return (started, CallPiece(arguments=arguments, place=place)) if self._argued else (started,)
            case _:
                return ()

    def more(self, delta: Delta) -> Iterable[Event]:
        """Return what another piece brings."""
        match delta.type:
            case "text_delta":
                self._length += len(delta.text)
                return (TextPiece(text=delta.text, place=self._place),)
            case "thinking_delta":
                return (ThoughtPiece(text=delta.thinking, place=self._place),)
            case "input_json_delta" if self._block.type == "tool_use":
                self._argued = self._argued or bool(delta.partial_json.strip())
                return (CallPiece(arguments=delta.partial_json, place=self._place),) if delta.partial_json else ()
            case _:
                self._keep(delta)
                return ()

    def _keep(self, delta: Delta) -> None:
        """Keep a piece of what shows at the end."""
        match delta.type:
            case "citations_delta":
                self._cited.append(delta.citation)
            case "signature_delta":
                self._signature += delta.signature
            case "input_json_delta":
                self._pieces.append(delta.partial_json)
            case _:
                pass

    def stop(self) -> Iterable[Event]:
        """Return what shows at the end: signatures, and blocks that only this dialect understands."""
        ended = PartEnded(place=self._place)
        match self._block.type:
            case "text" if self._cited:
                notes = annotations_of(self._cited, length=self._length)
                return TextPiece(text="", place=self._place, annotations=notes), ended
            case "tool_use" if not self._argued:
                return CallPiece(arguments=NO_ARGUMENTS, place=self._place), ended
            case "text" | "tool_use" | "redacted_thinking":
                return (ended,)
            case "thinking":
                if not self._signature:
                    return (ended,)
                return ThoughtPiece(signature=seal(MAKER, self._signature), place=self._place), ended
            case _:
                return OpaquePart(raw=self._whole(), family=FAMILY, place=self._place), ended

    def _whole(self) -> msgspec.Raw:
        if not self._pieces:
            return self._raw
        block = msgspec.json.decode(self._raw, type=dict[str, msgspec.Raw])
        block["input"] = msgspec.Raw("".join(self._pieces).encode())
        return msgspec.Raw(msgspec.json.encode(block))


class _Counts:
    """Adds up what several events tell of the same counts: each of them is the total so far."""

    def __init__(self) -> None:
        self._seen = Usage()

    def add(self, usage: msgspec.Raw) -> tuple[Used | Miscounted, ...]:
        """Return all that is counted by now, nothing if this event tells of no counts."""
        counts = _USAGE.read(usage)
        if counts is None or isinstance(counts, Miscounted):
            return () if counts is None else (counts,)
        for name in Usage.__struct_fields__:
            value = getattr(counts, name)
            if value:  # a count of none behind one of some is a server that fills its fields
                setattr(self._seen, name, value)
        return (bounded(self._total()),)

    def begin(self, usage: msgspec.Raw) -> tuple[Used | Miscounted, ...]:
        """Return what is counted before the first word: the output said there is none yet, whatever it is."""
        counts = self.add(usage)
        self._seen.output_tokens = None
        return tuple(msgspec.structs.replace(one, output=0) if isinstance(one, Used) else one for one in counts)

    def _total(self) -> Used:
        seen = self._seen
        written, read = seen.cache_creation_input_tokens or 0, seen.cache_read_input_tokens or 0
        details, tools = seen.output_tokens_details, seen.server_tool_use
        hour = (seen.cache_creation.ephemeral_1h_input_tokens if seen.cache_creation else None) or 0
        return Used(
            input=(seen.input_tokens or 0) + written + read,
            output=seen.output_tokens or 0,
            cached=read,
            cache_written=written,
            reasoning=(details.thinking_tokens if details else None) or 0,
            cache_written_hour=min(hour, written),
            searches=(tools.web_search_requests if tools else None) or 0,
        )


def _finished(reason: str | None, sequence: str | None) -> Finished:
    return Finished(reason=REASONS.get(reason or "", "other"), stop_sequence=sequence or "")


def _failed(fault: VendorFault) -> Failed:
    kind = fault.type if isinstance(fault.type, str) else ""
    message = fault.message if isinstance(fault.message, str) else "the upstream failed"
    return Failed(message=message, code=kind, kind=kind, status=fault_status(fault))
