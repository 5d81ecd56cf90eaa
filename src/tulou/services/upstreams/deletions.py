"""Sealed credentials that were deleted: kept for a while, brought back, at last removed for ever.

They come back in the state that they had. A key of the house that comes back must be enabled, since it lets others in;
a credential lets the house out, and what was rolled back is to serve again: one that the vendor no longer takes is
retired by the first answer that says so.
"""

from dataclasses import replace

from tulou.chassis.outbox import Outbox
from tulou.contracts.upstreams.events import UPSTREAM_CHANGED, UpstreamChanged
from tulou.contracts.upstreams.messages import (
    DeletedCredential,
    DeletedCredentials,
    ListDeletedCredentials,
    RestoreCredentials,
)
from tulou.kernel.clock import Clock
from tulou.ports.database import Database
from tulou.services.upstreams import store
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.services.upstreams.store import StoredCredential

DAY_S = 86_400.0


class CredentialDeletions:
    """References are not kept here: the document declares them."""

    def __init__(self, database: Database, outbox: Outbox, *, clock: Clock, settings: UpstreamsSettings) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._kept_s = settings.keep_deleted_days * DAY_S

    async def listed(self, request: ListDeletedCredentials) -> DeletedCredentials:
        """Return those that may come back, the last deleted first."""
        async with self._database.reading() as tx:
            found = await store.deleted(tx, request.upstream, since=request.since)
        return DeletedCredentials(items=tuple(self._shown(stored, at) for stored, at in found))

    async def restore(self, request: RestoreCredentials) -> DeletedCredentials:
        """Bring back those of an upstream that is there, but for names that are taken; return them."""
        came: list[DeletedCredential] = []
        async with self._database.transaction() as tx:
            if await store.find(tx, request.upstream) is None:
                return DeletedCredentials(items=())
            taken = {one.name for one in await store.credentials(tx, request.upstream)}
            for stored, at in await store.deleted(tx, request.upstream, since=request.since):
                if stored.name not in taken:
                    taken.add(stored.name)
                    await store.bring_back(tx, _rested(stored))
                    came.append(self._shown(stored, at))
            if came:
                await store.touch(tx, request.upstream, at=self._clock.now())
                await self._outbox.add(tx, UPSTREAM_CHANGED, UpstreamChanged(name=request.upstream))
        return DeletedCredentials(items=tuple(came))

    async def sweep(self) -> int:
        """Remove for ever what was deleted longer ago than it is kept; return how much."""
        async with self._database.transaction() as tx:
            return await store.sweep(tx, before=self._clock.now() - self._kept_s)

    def _shown(self, stored: StoredCredential, at: float) -> DeletedCredential:
        return DeletedCredential(
            id=stored.id,
            upstream=stored.upstream,
            name=stored.name,
            hint=stored.hint,
            deleted_at=at,
            kept_until=at + self._kept_s,
        )


def _rested(stored: StoredCredential) -> StoredCredential:
    return replace(stored, state="active", why="", until=0.0) if stored.state == "cooling" else stored
