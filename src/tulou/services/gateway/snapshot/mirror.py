"""What control has told this gateway, kept together out of updates."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from immutables import Map

from tulou.contracts.routing.messages import WHOLE, Grant, Snapshot, Update
from tulou.rules.routing.ring import PARTS, DigestedMap, digest_of, ring_of_grants
from tulou.services.gateway.quota.rules import LimitRules


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotMirror:
    """Immutable; `standing` is the snapshot without its grants, found by digest and by key, and without its limits.

    Of `tenants` it has two at most: what matters is whether there are several.
    """

    standing: Snapshot
    ring: DigestedMap[Grant]
    by_digest: Map[bytes, Grant]
    rules: LimitRules
    tenants: frozenset[str] = frozenset()

    @staticmethod
    def of(snapshot: Snapshot) -> "SnapshotMirror":
        """Return the mirror of a whole snapshot."""
        return SnapshotMirror(
            standing=replace(snapshot, grants=(), limits=()),
            ring=ring_of_grants(snapshot.grants),
            by_digest=Map((bytes.fromhex(grant.digest), grant) for grant in snapshot.grants),
            rules=LimitRules(snapshot.limits),
            tenants=_tenants(frozenset(), snapshot.grants),
        )

    @property
    def snapshot(self) -> Snapshot:
        """Return the whole snapshot."""
        return replace(self.standing, grants=tuple(self.ring), limits=tuple(self.rules.ring))

    @property
    def digest(self) -> str:
        """The digest of all grants and limits."""
        return digest_of(self.ring, self.rules.ring)

    def heard(self, update: Update) -> tuple["SnapshotMirror", bool]:
        """Return what an update makes of this, and whether that is what control has: not if anything was lost."""
        if update.since == WHOLE:
            return EMPTY.updated(update), True
        heard = self.updated(update)
        return heard, update.since <= self.standing.revision and heard.digest == update.digest

    def updated(self, update: Update) -> "SnapshotMirror":
        """Return what an update makes of this, as far as it goes; one that is older makes nothing."""
        if update.revision < self.standing.revision:
            return self
        ring, by_digest = self._keys(update) if update.grants or update.ended else (self.ring, self.by_digest)
        rules = self.rules.updated(update.limits, update.limits_ended)
        return SnapshotMirror(
            standing=_standing(self.standing, update),
            ring=ring,
            by_digest=by_digest,
            rules=rules,
            tenants=_tenants(self.tenants, update.grants),
        )

    def _keys(self, update: Update) -> tuple[DigestedMap[Grant], Map[bytes, Grant]]:
        ring, by_digest = self.ring.copy(), self.by_digest.mutate()
        for key in (*update.ended, *(grant.key for grant in update.grants)):
            if (dropped := ring.drop(key)) is not None:
                del by_digest[bytes.fromhex(dropped.digest)]
        for grant in update.grants:
            ring.put(grant)
            by_digest[bytes.fromhex(grant.digest)] = grant
        return ring, by_digest.finish()


def _tenants(known: frozenset[str], grants: Iterable[Grant]) -> frozenset[str]:
    for grant in grants:
        if len(known) > 1:
            break
        if grant.tenant not in known:
            known |= {grant.tenant}
    return known


def _standing(before: Snapshot, update: Update) -> Snapshot:
    told = {name: part for name in PARTS if (part := getattr(update, name)) is not None}
    return replace(before, revision=update.revision, house=update.house, issued_at=update.issued_at, **told)


EMPTY = SnapshotMirror.of(Snapshot(revision=WHOLE, house="", issued_at=0.0, grants=(), routes=(), targets=()))
"""What a gateway has that was told nothing yet."""
