"""How much of the house's caps the people of one tenant may take up."""

from tulou.chassis.reach import reach
from tulou.kernel.errors import LimitedError
from tulou.ports.database import Transaction
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.store import keys, principals


async def check_room_for_key(room: UseCaseContext, tx: Transaction, tenant: str) -> None:
    """Raise `LimitedError` where no more valid keys may be made, in the house or by this tenant's people."""
    now, most = room.clock.now(), room.settings.max_keys
    if await keys.count_valid(tx, now=now) >= most:
        raise LimitedError(f"there are {most} valid keys already ([identity] max_keys); revoke some")
    share = _share(room, most)
    if share is not None and await keys.count_valid(tx, now=now, tenant=tenant) >= share:
        raise LimitedError(_words(tenant, f"{share} valid keys", "max_keys", "revoke"))


async def check_room_for_principal(room: UseCaseContext, tx: Transaction, tenant: str) -> None:
    """Raise `LimitedError` where no more principals may be made, in the house or by this tenant's people."""
    most = room.settings.max_principals
    if await principals.count(tx) >= most:
        raise LimitedError(f"there are {most} principals already ([identity] max_principals); remove some")
    share = _share(room, most)
    if share is not None and await principals.count(tx, tenant) >= share:
        raise LimitedError(_words(tenant, f"{share} principals", "max_principals", "remove"))


def _share(room: UseCaseContext, most: int) -> int | None:
    """Return a tenant's part of a cap; None for who reaches over the house."""
    return None if reach().house else max(1, int(most * room.settings.tenant_share))


def _words(tenant: str, what: str, cap: str, next_: str) -> str:
    return f"tenant {tenant!r} has {what} already ([identity] tenant_share of {cap}); {next_} some"
