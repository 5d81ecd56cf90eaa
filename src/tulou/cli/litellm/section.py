"""What is read from a mapping of LiteLLM, and what of it nobody asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any, cast

from tulou.cli.litellm.notes import ImportNotes, Kind
from tulou.cli.litellm.variables import REFERENCE, Variables
from tulou.kernel.addresses import without_userinfo

Written = dict[str, Any]
"""An entry of `house.yaml`, as it is written."""

SHOWN = 60
"""Characters of a value that a note repeats."""


@dataclass(frozen=True)
class SectionReading:
    """What all sections of one file share."""

    notes: ImportNotes
    variables: Variables


class Section:
    """A mapping whose keys are taken one by one; `rest` tells of those that nobody took.

    `os.environ/NAME` is followed wherever a text, number or switch is read, as LiteLLM's proxy does.
    """

    def __init__(self, value: object, place: str, reading: SectionReading) -> None:
        self._left = _texts(cast("Mapping[object, Any]", value)) if isinstance(value, Mapping) else {}
        self.place = place
        self.reading = reading
        self.notes = reading.notes
        self._followed: dict[str, str] = {}  # what stood in place of a value, which may be secret
        if value is not None and not isinstance(value, Mapping):
            self.notes.add(place, "is no mapping, and was left out", kind="left_out")

    def __contains__(self, name: str) -> bool:
        return self._left.get(name) is not None

    def take(self, name: str, usual: Any = None) -> Any:
        """Return a value as it stands there, which nobody else takes."""
        return self._left.pop(name, usual)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Take in values for names that have none."""
        self._left = {**values, **{name: value for name, value in self._left.items() if value is not None}}

    def known(self, name: str) -> object:
        """Return a value with its variable followed; None, with a note, for a variable that is not set here."""
        value = self.take(name)
        if not isinstance(value, str) or not value.startswith(REFERENCE):
            return value
        variable = value.removeprefix(REFERENCE)
        found = self.reading.variables.value(variable)
        if found is None:
            self.note(name, f"{variable} is not set here, so that nothing is known of it", kind="to_do")
        self._followed[name] = value
        return found

    def text(self, name: str) -> str:
        """Return a text; nothing for none, and a note for what is no text. Numbers and dates are texts here."""
        return self._text_of(name, self.known(name))

    def needed(self, name: str) -> str | None:
        """Return a text without which an entry cannot be; None, with a note, if its variable is not set here."""
        value = self.take(name)
        if isinstance(value, str) and value.startswith(REFERENCE):
            variable = value.removeprefix(REFERENCE)
            value = self.reading.variables.value(variable)
            if value is None:
                why = f"{variable} is not set here, and must be known to be written out; the entry was left out"
                self.note(name, why, kind="left_out")
                return None
        return self._text_of(name, value)

    def number(self, name: str, *, least: float = 0.0) -> float | None:
        """Return a number above `least`; a note for what is none."""
        value = self.known(name)
        number = number_of(value)
        if value is None or (number is not None and number > least):
            return number
        self.note(name, f"{self._shown(name, value)} is no number above {least:g}, and was left out")
        return None

    def switch(self, name: str) -> bool:
        """Return whether something is switched on."""
        value = self.known(name)
        return value.strip().lower() in ("true", "1", "yes", "on") if isinstance(value, str) else bool(value)

    def section(self, name: str) -> "Section":
        """Return a mapping within this one."""
        return Section(self.take(name, {}), f"{self.place}.{name}".lstrip("."), self.reading)

    def take_those(self, wanted: Callable[[str], bool]) -> dict[str, Any]:
        """Return the values whose names are wanted, which nobody else takes."""
        return {name: self.known(name) for name in [*filter(wanted, self._left)]}

    def take_all(self) -> Iterator[tuple[str, Any]]:
        """Yield everything, which nobody else takes."""
        while self._left:
            name = next(iter(self._left))
            yield name, self._left.pop(name)

    def items(self, name: str) -> Iterator[tuple[Any, str]]:
        """Yield what stands in a list, with its place."""
        for number, item in enumerate(self.several(name)):
            yield item, f"{self.place}.{name}[{number}]".lstrip(".")

    def several(self, name: str) -> list[Any]:
        """Return a list; a note for what is none."""
        value = self.take(name)
        if value is not None and not isinstance(value, list):
            self.note(name, "is no list, and was left out", kind="left_out")
            return []
        return cast("list[Any]", value or [])

    def note(self, name: str, words: str, *, kind: Kind = "unsupported") -> None:
        """Tell something about one of the keys."""
        self.notes.add(f"{self.place}.{name}".lstrip("."), words, kind=kind)

    def without(self, names: Mapping[str, str], *, kind: Kind = "unsupported") -> None:
        """Take keys that have no counterpart, and tell why."""
        for name, words in names.items():
            if self.take(name) not in (None, [], {}):
                self.note(name, words, kind=kind)

    def rest_of_values(self) -> None:
        """Tell of what nobody took and that says something."""
        for name in [name for name, value in self._left.items() if value in (None, "", [], {}, False, 0)]:
            del self._left[name]
        self.rest()

    def rest(self) -> None:
        """Tell of everything that nobody took."""
        for name, value in self._left.items():
            if value is not None:
                self.note(name, "is not known here, and was left out")

    def _text_of(self, name: str, value: object) -> str:
        if value is None or isinstance(value, str):
            return (value or "").strip()
        if isinstance(value, int | float | date) and not isinstance(value, bool):
            return str(value)
        self.note(name, f"{self._shown(name, value)} is no text, and was left out")
        return ""

    def _shown(self, name: str, value: object) -> str:
        return self._followed.get(name) or shown(value)


def number_of(value: object) -> float | None:
    """Return what is a finite number, or a text that says one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def first_given(*numbers: float | None) -> float | None:
    """Return the first that was given; each has been taken, so that none is told to be unknown."""
    return next((number for number in numbers if number is not None), None)


def shown(value: object) -> str:
    """Return a value as a note may repeat it."""
    text = repr(without_userinfo(value) if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _texts(value: Mapping[object, Any]) -> dict[str, Any]:
    """YAML has keys that are no texts, such as `1:` and `null:`; LiteLLM has none."""
    return {str(name): item for name, item in value.items()}
