"""The newest snapshot, and what of it changed when: so that a gateway is told what is new to it, and no more."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tulou.contracts.limits.messages import Limit
from tulou.contracts.routing.messages import WHOLE, Grant, Snapshot, Update, WatchSnapshot
from tulou.rules.routing.ring import digest_of, ring_of_grants, ring_of_limits
from tulou.services.routing.changes import ChangeLog, Changes

Parts = Mapping[str, Any]
"""What a snapshot has beside its grants and limits, by the names of the fields."""
NO_GRANTS: Changes[Grant] = Changes()
NO_LIMITS: Changes[Limit] = Changes()


class SnapshotHistory:
    """Of grants and of limits, the newest `most` changes each are remembered; of all else, when it changed last."""

    def __init__(self, *, house: str, most: int) -> None:
        self.grants = ChangeLog(ring_of_grants(), most=most)
        self.limits = ChangeLog(ring_of_limits(), most=most)
        self.revision = 0
        self._house = house
        self._issued_at = 0.0
        self._parts: Parts = {}
        self._part_changed: dict[str, int] = {}
        self._first = 0

    def note(
        self,
        revision: int,
        *,
        at: float,
        parts: Parts,
        grants: Changes[Grant] = NO_GRANTS,
        limits: Changes[Limit] = NO_LIMITS,
    ) -> bool:
        """Take in how things are; return whether anything is new, and only then is there a new revision."""
        news = {name: part for name, part in parts.items() if name not in self._parts or self._parts[name] != part}
        heard = [self.grants.note(revision, grants), self.limits.note(revision, limits)]
        if not news and not any(heard):
            return False
        self._parts = {**self._parts, **news}
        self._part_changed |= dict.fromkeys(news, revision)
        self._first = self._first or revision
        self.revision, self._issued_at = revision, at
        return True

    @property
    def digest(self) -> str:
        """The digest of all grants and limits."""
        return digest_of(self.grants.ring, self.limits.ring)

    def snapshot(self) -> Snapshot:
        """Return it whole."""
        return Snapshot(
            revision=self.revision,
            house=self._house,
            issued_at=self._issued_at,
            grants=tuple(self.grants.ring),
            limits=tuple(self.limits.ring),
            **self._parts,
        )

    def since(self, known: WatchSnapshot) -> Update:
        """Return what is new to somebody who has what they say: all of it, if what they have is too old or unknown."""
        news = Update(
            revision=self.revision, house=self._house, issued_at=self._issued_at, digest=self.digest, **self._parts
        )
        if max(self._first, self.grants.floor, self.limits.floor) <= known.applied <= self.revision:
            return self._told_since(known.applied, news)
        if known.applied != WHOLE and known.digest == news.digest:  # told by the control process before this one
            return replace(news, since=known.applied)
        return replace(news, since=WHOLE, grants=tuple(self.grants.ring), limits=tuple(self.limits.ring))

    def _told_since(self, revision: int, news: Update) -> Update:
        same = [name for name, changed in self._part_changed.items() if changed <= revision]
        grants, ended = self.grants.since(revision)
        limits, limits_ended = self.limits.since(revision)
        return replace(
            news,
            since=revision,
            grants=grants,
            ended=ended,
            limits=limits,
            limits_ended=limits_ended,
            **dict.fromkeys(same),
        )
