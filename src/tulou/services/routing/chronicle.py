"""The newest snapshot, and what of it changed when: so that a gateway is told what is new to it, and no more."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from tulou.contracts.routing.messages import WHOLE, Grant, Snapshot, Update, WatchSnapshot
from tulou.contracts.routing.ring import Ring

Parts = Mapping[str, Any]
"""What a snapshot has beside its grants, by the names of the fields."""


class Chronicle:
    """Of grants, the newest `most` changes are remembered; of everything else, when it changed last."""

    def __init__(self, *, house: str, most: int) -> None:
        self.ring = Ring()
        self.revision = 0
        self._house = house
        self._most = most
        self._issued_at = 0.0
        self._parts: Parts = {}
        self._part_changed: dict[str, int] = {}
        self._changed: dict[str, int] = {}  # key to revision, in the order of revisions
        self._floor = 0  # what changed before this revision is forgotten

    def note(
        self, revision: int, *, at: float, parts: Parts, grants: Iterable[Grant] = (), ended: Iterable[str] = ()
    ) -> bool:
        """Take in how things are; return whether anything is new, and only then is there a new revision."""
        news = {name: part for name, part in parts.items() if name not in self._parts or self._parts[name] != part}
        changed = [grant for grant in grants if self.ring.find(grant.key) != grant]
        gone = [key for key in ended if self.ring.find(key) is not None]
        if not news and not changed and not gone:
            return False
        self._parts = {**self._parts, **news}
        self._part_changed |= dict.fromkeys(news, revision)
        for grant in changed:
            self.ring.put(grant)
            self._remember(grant.key, revision)
        for key in gone:
            self.ring.drop(key)
            self._remember(key, revision)
        self._floor = self._floor or revision
        self.revision, self._issued_at = revision, at
        return True

    def snapshot(self) -> Snapshot:
        """Return it whole."""
        return Snapshot(
            revision=self.revision, house=self._house, issued_at=self._issued_at, grants=tuple(self.ring), **self._parts
        )

    def since(self, known: WatchSnapshot) -> Update:
        """Return what is new to somebody who has what they say: all of it, if what they have is too old or unknown."""
        news = Update(
            revision=self.revision, house=self._house, issued_at=self._issued_at, digest=self.ring.digest, **self._parts
        )
        if self._floor <= known.applied <= self.revision:
            same = [name for name, changed in self._part_changed.items() if changed <= known.applied]
            return replace(news, since=known.applied, **dict.fromkeys(same), **self._grants_since(known.applied))
        if known.applied != WHOLE and known.digest == news.digest:  # told by the control process before this one
            return replace(news, since=known.applied)
        return replace(news, since=WHOLE, grants=tuple(self.ring))

    def _grants_since(self, revision: int) -> dict[str, Any]:
        keys = list(takewhile(lambda key: self._changed[key] > revision, reversed(self._changed)))
        found = [(key, self.ring.find(key)) for key in reversed(keys)]
        return {
            "grants": tuple(grant for _, grant in found if grant is not None),
            "ended": tuple(key for key, grant in found if grant is None),
        }

    def _remember(self, key: str, revision: int) -> None:
        self._changed.pop(key, None)
        self._changed[key] = revision
        if len(self._changed) > self._most:
            self._floor = max(self._floor, self._changed.pop(next(iter(self._changed))))
