"""Ends keys and sessions, and tells of it."""

from collections.abc import Sequence

from tulou.contracts.identity.events import KEY_REVOKED, KeyRevoked
from tulou.ports.database import Transaction
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.store import keys, sessions
from tulou.services.identity.store.principals import Owner

MOST = 10_000
"""More sessions than a principal can have."""


async def end_keys(room: UseCaseContext, tx: Transaction, ids: Sequence[str]) -> None:
    """Revoke keys; those that were revoked before are passed over."""
    for key in ids:
        if await keys.revoke(tx, key, at=room.clock.now()):
            await room.outbox.add(tx, KEY_REVOKED, KeyRevoked(key=key))


async def end_sessions(room: UseCaseContext, tx: Transaction, ids: Sequence[str]) -> None:
    """End sessions with the keys that were made for them."""
    if ids:
        await end_keys(room, tx, await keys.of_sessions(tx, ids))
        await sessions.remove(tx, ids)


async def end_all_sessions(room: UseCaseContext, tx: Transaction, owner: Owner, *, keep: str = "") -> None:
    """End the sessions of a principal, but for the one to keep."""
    found = await sessions.of(tx, owner, limit=MOST)
    await end_sessions(room, tx, [session.id for session in found if session.id != keep])
