"""Which models stand in for which: what is no model of the list is told, and no circle is closed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from tulou.cli.litellm.entries import ImportedModels
from tulou.cli.litellm.notes import ImportNotes
from tulou.cli.litellm.section import Section
from tulou.rules.routing.patterns import is_pattern

ALL = "*"
LESS = (
    "LiteLLM falls back after an answer of 400, 404, 409, 413 or 422, too; here it goes to the client, "
    "since another model would be asked the same"
)


class Fallbacks:
    """`aliases` are other names of models of the list, which may be fallbacks as well."""

    def __init__(self, models: ImportedModels, aliases: Mapping[str, str]) -> None:
        self._models = models
        self._aliases = aliases
        self._found: dict[str, list[str]] = {}
        self._usual: list[str] = []

    def read(self, sections: Sequence[Section]) -> Mapping[str, Sequence[str]]:
        """Return the fallbacks of each model that has some."""
        for section in sections:
            for item, place in section.items("fallbacks"):
                for group, names in Section(item, place, section.reading).take_all():
                    self._read(group, names, place, section.notes)
            usual, place = section.several("default_fallbacks"), f"{section.place}.default_fallbacks"
            self._usual += [str(name) for name in self._known(usual, place, section.notes)]
        for group in self._models.groups:
            others = [name for name in self._usual if name != group and self._task(name) == self._task(group)]
            if others and group not in self._found and group not in self._usual:
                self._found[group] = others
        fitting = {group: [*self._fitting(group, names, sections[0])] for group, names in self._found.items()}
        kept = _without_circles(fitting, sections[0].notes)
        if kept:
            sections[0].note("fallbacks", LESS, kind="differs")
        return kept

    def _read(self, group: str, names: object, place: str, notes: ImportNotes) -> None:
        given = cast("list[object]", names) if isinstance(names, list) else [names]
        if group == ALL:
            self._usual += self._known(given, place, notes)
            return
        group = self._aliases.get(group, group)
        if group not in self._models.groups:
            words = f"{group!r} is no model of the list; its fallbacks were left out"
            notes.add(place, words, kind="left_out")
            return
        self._found.setdefault(group, []).extend(self._known(given, place, notes))

    def _known(self, names: Sequence[object], place: str, notes: ImportNotes) -> Iterator[str]:
        for given in map(str, names):
            name = self._aliases.get(given, given)
            if name in self._models.groups:
                yield name
            else:
                notes.add(place, f"{name!r} is no model of the list; it was left out", kind="left_out")

    def _fitting(self, group: str, names: Sequence[str], section: Section) -> Iterator[str]:
        """Yield the fallbacks that name one model, or whose `*` stands for what it stands for in the group's name."""
        for name in names:
            if is_pattern(group) or not is_pattern(name):
                yield name
            else:
                words = f"{name!r} is a pattern, and {group!r} has nothing that would stand for its `*`; left out"
                section.note("fallbacks", words, kind="left_out")

    def _task(self, group: str) -> str:
        """Return what a group is for."""
        return self._models.groups[group][0].task


def _without_circles(fallbacks: Mapping[str, list[str]], notes: ImportNotes) -> dict[str, list[str]]:
    """Return fallbacks without those that would lead back to where one came from."""
    kept: dict[str, list[str]] = {}
    for group, names in fallbacks.items():
        for name in dict.fromkeys(names):
            if group in _reached(name, kept):
                words = f"{group!r} -> {name!r} closes a circle, which routes here cannot; left out"
                notes.add("fallbacks", words, kind="left_out")
            else:
                kept.setdefault(group, []).append(name)
    return kept


def _reached(start: str, fallbacks: Mapping[str, list[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for name in fallbacks.get(waiting.pop(), []):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen
