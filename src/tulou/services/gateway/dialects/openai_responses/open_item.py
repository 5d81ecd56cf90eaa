"""Items of the output while they are written."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from tulou.services.gateway.dialects.custom_input import InputReader
from tulou.services.gateway.dialects.events import CallPiece, CallStarted, TextPiece, ThoughtPiece
from tulou.services.gateway.dialects.folding import Piece
from tulou.services.gateway.dialects.openai_responses.response import Frame, part_of, tokens_of

Json = dict[str, object]
Told = tuple[str, Json]
Piecewise = TextPiece | ThoughtPiece | CallStarted | CallPiece


class OpenItem(Protocol):
    """An item that began and has not ended; each step is the name of an event and what it tells."""

    def added(self) -> Json:
        """Return how it begins."""
        ...

    def more(self, event: Piecewise) -> Iterable[Told]:
        """Yield what another piece tells."""
        ...

    def ended(self) -> Iterable[Told]:
        """Yield what its end tells, before the item is done."""
        ...

    def done(self) -> Json:
        """Return the whole item."""
        ...


def open_item(frame: Frame, piece: Piece, place: int, index: int) -> OpenItem:
    """Return what writes the item of the part at a place."""
    number = frame.item_id(piece, place)
    match piece.kind:
        case "call" if frame.is_custom(piece):
            return _CustomCall(frame, piece, number, index)
        case "call":
            return _Call(frame, piece, number, index)
        case "thought":
            return _Thought(frame, piece, number, index)
        case _:
            return _Message(frame, piece, number, index)


class _Item:
    """What all items have in common."""

    def __init__(self, frame: Frame, piece: Piece, number: str, index: int) -> None:
        self._frame = frame
        self._piece = piece
        self._index = index
        self._number = number
        self._at: Json = {"item_id": number, "output_index": index}

    def added(self) -> Json:
        """Return how it begins: empty."""
        piece = self._piece
        empty = Piece(piece.kind, id=piece.id, name=piece.name)
        return {"output_index": self._index, "item": self._frame.item_of(empty, self._number, status="in_progress")}

    def done(self) -> Json:
        """Return the whole item."""
        return {"output_index": self._index, "item": self._frame.item_of(self._piece, self._number)}


class _Message(_Item):
    def __init__(self, frame: Frame, piece: Piece, number: str, index: int) -> None:
        super().__init__(frame, piece, number, index)
        self._at["content_index"] = 0
        self._begun = False
        self._kind = "refusal" if piece.kind == "refusal" else "output_text"

    def added(self) -> Json:
        """Return how it begins: without a part."""
        item = {"id": self._number, "type": "message", "role": "assistant", "status": "in_progress", "content": ()}
        return {"output_index": self._index, "item": item}

    def more(self, event: Piecewise) -> Iterator[Told]:
        """Yield the part's beginning before its first words, then the words."""
        if not isinstance(event, TextPiece):
            return
        if not self._begun:
            self._begun = True
            yield "response.content_part.added", {**self._at, "part": part_of(Piece(self._piece.kind))}
        delta: Json = {**self._at, "delta": event.text}
        if self._kind == "output_text":
            delta["logprobs"] = tokens_of(event.logprobs) if event.logprobs is not None else []
        if event.text or not event.annotations:
            yield f"response.{self._kind}.delta", delta
        first = len(self._piece.annotations) - len(event.annotations)
        for at, annotation in enumerate(event.annotations, start=first):
            told: Json = {**self._at, "annotation_index": at, "annotation": annotation}
            yield "response.output_text.annotation.added", told

    def ended(self) -> Iterator[Told]:
        """Yield the words as a whole, then the part."""
        part = part_of(self._piece)
        if self._kind == "refusal":
            yield "response.refusal.done", {**self._at, "refusal": part["refusal"]}
        else:
            said: Json = {**self._at, "text": part["text"], "logprobs": part["logprobs"]}
            yield "response.output_text.done", said
        yield "response.content_part.done", {**self._at, "part": part}


class _Thought(_Item):
    def __init__(self, frame: Frame, piece: Piece, number: str, index: int) -> None:
        super().__init__(frame, piece, number, index)
        self._summary = piece.summary
        self._begun = False
        self._at["summary_index" if self._summary else "content_index"] = 0
        self._kind = "reasoning_summary_text" if self._summary else "reasoning_text"
        self._part = "reasoning_summary_part" if self._summary else "content_part"

    def more(self, event: Piecewise) -> Iterator[Told]:
        """Yield the words; what proves them comes with the whole item."""
        if not isinstance(event, ThoughtPiece) or not event.text:
            return
        if not self._begun:
            self._begun = True
            yield f"response.{self._part}.added", {**self._at, "part": self._written("")}
        yield f"response.{self._kind}.delta", {**self._at, "delta": event.text}

    def ended(self) -> Iterator[Told]:
        """Yield the words as a whole, then the part, if there were any."""
        if self._begun:
            text = self._piece.text
            yield f"response.{self._kind}.done", {**self._at, "text": text}
            yield f"response.{self._part}.done", {**self._at, "part": self._written(text)}

    def _written(self, text: str) -> Json:
        return {"type": "summary_text" if self._summary else "reasoning_text", "text": text}


class _Call(_Item):
    def more(self, event: Piecewise) -> Iterator[Told]:
        """Yield more of the arguments."""
        if isinstance(event, CallPiece):
            yield "response.function_call_arguments.delta", {**self._at, "delta": event.arguments}

    def ended(self) -> Iterator[Told]:
        """Yield the arguments as a whole."""
        told: Json = {**self._at, "name": self._frame.name_of(self._piece), "arguments": self._piece.text}
        yield "response.function_call_arguments.done", told


class _CustomCall(_Item):
    def __init__(self, frame: Frame, piece: Piece, number: str, index: int) -> None:
        super().__init__(frame, piece, number, index)
        self._reader = InputReader()
        self._said: list[str] = []

    def more(self, event: Piecewise) -> Iterator[Told]:
        """Yield more of the text, as far as it shows in the arguments."""
        if isinstance(event, CallPiece):
            yield from self._delta(self._reader.feed(event.arguments))

    def ended(self) -> Iterator[Told]:
        """Yield what was held back, then the text as a whole."""
        yield from self._delta(self._reader.end())
        yield "response.custom_tool_call_input.done", {**self._at, "input": "".join(self._said)}

    def _delta(self, text: str) -> Iterator[Told]:
        if text:
            self._said.append(text)
            yield "response.custom_tool_call_input.delta", {**self._at, "delta": text}
