"""What a house has many of, and which of it changed when."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeVar

from tulou.rules.routing.ring import DigestedMap

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Changes(Generic[Item]):
    """Items as they are now, and the names of those that are no more."""

    items: Iterable[Item] = ()
    ended: Iterable[str] = ()


class ChangeLog(Generic[Item]):
    """The newest `most` changes are remembered; those before `floor` are not, all of them."""

    def __init__(self, ring: DigestedMap[Item], *, most: int) -> None:
        self.ring = ring
        self.floor = 0
        self._most = most
        self._changed: dict[str, int] = {}  # name to revision, in the order of revisions

    def note(self, revision: int, news: Changes[Item]) -> bool:
        """Take in how things are; return whether anything was new."""
        name = self.ring.name
        changed = [item for item in news.items if self.ring.find(name(item)) != item]
        gone = [one for one in news.ended if self.ring.find(one) is not None]
        for item in changed:
            self.ring.put(item)
            self._remember(name(item), revision)
        for one in gone:
            self.ring.drop(one)
            self._remember(one, revision)
        return bool(changed or gone)

    def since(self, revision: int) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        """Return the items that changed after a revision, and the names of those that ended."""
        names = list(takewhile(lambda name: self._changed[name] > revision, reversed(self._changed)))
        found = [(name, self.ring.find(name)) for name in reversed(names)]
        items = tuple(item for _, item in found if item is not None)
        return items, tuple(name for name, item in found if item is None)

    def _remember(self, name: str, revision: int) -> None:
        self._changed.pop(name, None)
        self._changed[name] = revision
        if len(self._changed) > self._most:
            self.floor = max(self.floor, self._changed.pop(next(iter(self._changed))))
