"""What is read from a mapping of LiteLLM, and what of it nobody asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

VARIABLE = "os.environ/"

Written = dict[str, Any]
"""An entry of `house.yaml`, as it is written."""


class Notes:
    """What people must know after an import, in the order in which it was found."""

    def __init__(self) -> None:
        self.items: list[str] = []

    def add(self, place: str, words: str) -> None:
        """Tell something about a place, once."""
        note = f"{place}: {words}"
        if note not in self.items:
            self.items.append(note)


class Section:
    """A mapping whose keys are taken one by one; `rest` tells of those that nobody took."""

    def __init__(self, value: object, place: str, notes: Notes) -> None:
        self._left = dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else {}
        self.place = place
        self.notes = notes
        if value is not None and not isinstance(value, Mapping):
            notes.add(place, "is no mapping, and was left out")

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, usual: Any = None) -> Any:
        """Return a value, which nobody else takes."""
        return self._left.pop(name, usual)

    def text(self, name: str) -> str:
        """Return a text; nothing for none, and a note for what is no text."""
        value = self.take(name)
        if value is None or isinstance(value, str):
            return value or ""
        self.note(name, f"{value!r} is no text, and was left out")
        return ""

    def number(self, name: str) -> float | None:
        """Return a number that is above 0; a note for what is none."""
        value = self.take(name)
        if value is None:
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = 0.0
        if number <= 0:
            self.note(name, f"{value!r} is no number above 0, and was left out")
            return None
        return number

    def section(self, name: str) -> "Section":
        """Return a mapping within this one."""
        return Section(self.take(name, {}), f"{self.place}.{name}", self.notes)

    def take_those(self, wanted: Callable[[str], bool]) -> dict[str, Any]:
        """Return the values whose names are wanted, which nobody else takes."""
        return {name: self._left.pop(name) for name in [*filter(wanted, self._left)]}

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
            self.note(name, "is no list, and was left out")
            return []
        return cast("list[Any]", value or [])

    def note(self, name: str, words: str) -> None:
        """Tell something about one of the keys."""
        self.notes.add(f"{self.place}.{name}".lstrip("."), words)

    def left_out(self, names: Mapping[str, str]) -> None:
        """Take keys that have no counterpart, and tell why."""
        for name, words in names.items():
            if self.take(name) is not None:
                self.note(name, words)

    def rest_of_values(self) -> None:
        """Tell of what nobody took and that says something."""
        for name in [name for name, value in self._left.items() if value in (None, "", [], {}, False, 0)]:
            del self._left[name]
        self.rest()

    def rest(self) -> None:
        """Tell of everything that nobody took."""
        for name in self._left:
            self.note(name, "is not known here, and was left out")
