"""Folds the events of an answer into the whole that they are pieces of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, assert_never

import msgspec

from tulou.services.gateway.dialects.events import (
    CallPiece,
    CallStarted,
    Event,
    Failed,
    Finish,
    Finished,
    Miscounted,
    OpaquePart,
    PartEnded,
    Started,
    TextPiece,
    ThoughtPiece,
    Used,
)

Kind = Literal["text", "refusal", "thought", "call", "opaque"]


@dataclass(slots=True)
class Piece:
    """One part of an answer: its words, or a call's arguments, as the pieces come."""

    kind: Kind
    words: list[str] = field(default_factory=list[str])
    id: str = ""
    name: str = ""
    signature: str = ""
    redacted: str = ""
    summary: bool = False
    logprobs: list[msgspec.Raw] = field(default_factory=list[msgspec.Raw])
    annotations: list[msgspec.Raw] = field(default_factory=list[msgspec.Raw])
    raw: msgspec.Raw | None = None
    family: str = ""

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(self.words)


@dataclass(slots=True)
class Choice:
    """One of the answers: its parts by place, and why it ended."""

    places: dict[int, Piece] = field(default_factory=dict[int, Piece])
    reason: Finish = "other"
    stop_sequence: str = ""

    @property
    def parts(self) -> list[Piece]:
        """The parts in their order."""
        return [self.places[place] for place in sorted(self.places)]

    def texts(self, kind: Kind) -> str | None:
        """Return the words of all parts of a kind; None when there is none."""
        found = [part.text for part in self.places.values() if part.kind == kind]
        return "".join(found) if found else None

    def of(self, kind: Kind) -> list[Piece]:
        """Return the parts of a kind."""
        return [part for part in self.parts if part.kind == kind]


@dataclass(slots=True)
class Folded:
    """A whole answer."""

    id: str = ""
    model: str = ""
    created: int = 0
    choices: dict[int, Choice] = field(default_factory=dict[int, Choice])
    used: Used | None = None
    failed: Failed | None = None

    def add(self, event: Event) -> None:
        """Take the next event in."""
        match event:
            case Started():
                self.id, self.model, self.created = event.id, event.model, event.created
            case Finished():
                choice = self.choice(event.choice)
                choice.reason, choice.stop_sequence = event.reason, event.stop_sequence
            case Used():
                self.used = event
            case Miscounted():
                self.used = None
            case Failed():
                self.failed = event
            case PartEnded():
                pass
            case _:
                self._add_piece(event)

    def _add_piece(self, event: TextPiece | ThoughtPiece | CallStarted | CallPiece | OpaquePart) -> None:
        match event:
            case TextPiece():
                _add_text(self._piece(event, "refusal" if event.refusal else "text"), event)
            case ThoughtPiece():
                _add_thought(self._piece(event, "thought"), event)
            case CallStarted():
                piece = self._piece(event, "call")
                piece.id, piece.name = event.id, event.name
            case CallPiece():
                self._piece(event, "call").words.append(event.arguments)
            case OpaquePart():
                piece = self._piece(event, "opaque")
                piece.raw, piece.family = event.raw, event.family
            case _:
                assert_never(event)

    def choice(self, index: int = 0) -> Choice:
        """Return one of the answers."""
        return self.choices.setdefault(index, Choice())

    def _piece(self, event: TextPiece | ThoughtPiece | CallStarted | CallPiece | OpaquePart, kind: Kind) -> Piece:
        places = self.choice(event.choice).places
        piece = places.get(event.place)
        if piece is None:
            piece = places[event.place] = Piece(kind)
        return piece


def fold(events: Iterable[Event]) -> Folded:
    """Return the answer that the events are."""
    folded = Folded()
    for event in events:
        folded.add(event)
    return folded


def _add_text(piece: Piece, event: TextPiece) -> None:
    piece.words.append(event.text)
    piece.annotations.extend(event.annotations)
    if event.logprobs is not None:
        piece.logprobs.append(event.logprobs)


def _add_thought(piece: Piece, event: ThoughtPiece) -> None:
    piece.words.append(event.text)
    piece.signature += event.signature
    piece.redacted += event.redacted
    piece.summary = piece.summary or event.summary
