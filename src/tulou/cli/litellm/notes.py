"""What people must know after an import, by kind, each once and with the places where it holds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tulou.kernel.addresses import without_userinfo

Kind = Literal["left_out", "unsupported", "differs", "to_do", "not_needed"]

TITLES: Mapping[str, str] = {
    "left_out": "left out",
    "unsupported": "has no counterpart here",
    "differs": "came in, and is not quite the same here",
    "to_do": "left to do",
    "not_needed": "is not needed here",
}
"""Kinds of notes in the order in which they are printed, and what stands above each."""

LOST: frozenset[Kind] = frozenset({"left_out", "unsupported"})
"""Kinds of which something that the file says is not in the house."""

PLACES_SHOWN = 5

_ENTRY = re.compile(r"(?P<entry>[A-Za-z_.]+\[\d+\])\.?(?P<setting>.*)")


@dataclass(frozen=True)
class ImportNote:
    """One thing about one place of the file."""

    kind: Kind
    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


@dataclass(frozen=True)
class RepeatedNote:
    """What is the same at several places; `setting` is its name within each of the entries `places`."""

    kind: Kind
    setting: str
    words: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        if len(self.places) == 1:
            return f"{'.'.join(filter(None, (self.places[0], self.setting)))}: {self.words}"
        more = len(self.places) - PLACES_SHOWN
        shown = ", ".join(self.places[:PLACES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        name = f"{self.setting}: " if self.setting else ""
        return f"{name}{self.words} ({len(self.places)} places: {shown})"


class ImportNotes:
    """Notes in the order in which they were found."""

    def __init__(self) -> None:
        self.items: list[ImportNote] = []

    def add(self, place: str, words: str, *, kind: Kind = "unsupported") -> None:
        """Add a note about a place, once; addresses that it repeats do not say who asks."""
        note = ImportNote(kind, place, without_userinfo(words))
        if note not in self.items:
            self.items.append(note)


def findings(notes: Iterable[ImportNote]) -> Sequence[RepeatedNote]:
    """Return one finding for all notes of the same kind, setting and words, in the order of kinds."""
    grouped: dict[tuple[Kind, str, str], list[str]] = {}
    for note in notes:
        match = _ENTRY.fullmatch(note.place)
        entry, setting = (match["entry"], match["setting"]) if match else (note.place, "")
        grouped.setdefault((note.kind, setting, note.words), []).append(entry)
    order = list(TITLES)
    found = [RepeatedNote(kind, setting, words, tuple(places)) for (kind, setting, words), places in grouped.items()]
    return sorted(found, key=lambda finding: order.index(finding.kind))
