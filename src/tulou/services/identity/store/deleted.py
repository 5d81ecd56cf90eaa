"""Principals that were deleted and may come back, and those who were erased and may not."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import RowMapping, delete, func, insert, select, update

from tulou.chassis import upserts
from tulou.chassis.rows import find_row
from tulou.contracts.identity.deletions import ListDeleted
from tulou.contracts.identity.messages import Principal
from tulou.kernel.message import message
from tulou.ports.database import Transaction
from tulou.services.identity.store.principals import Owner
from tulou.services.identity.store.tables import DELETED, ERASED, KEYS


@message
class Deletion:
    """A principal as it was when it was deleted, with its roles; what proved who it is was not kept."""

    id: str
    principal: Principal
    deleted_at: float
    deleted_by: str


async def add(tx: Transaction, deletion: Deletion) -> None:
    """Keep a principal that is deleted."""
    principal = deletion.principal
    row = {name: getattr(deletion, name) for name in ("id", "deleted_at", "deleted_by")}
    text = msgspec.json.encode(principal).decode()
    await tx.execute(insert(DELETED).values(**row, tenant=principal.tenant, name=principal.name, principal=text))


async def bearer(tx: Transaction, owner: Owner, *, at: float) -> Deletion | None:
    """Return who had a name at a time and was deleted since, or None."""
    mine = (DELETED.c.tenant == owner[0], DELETED.c.name == owner[1], DELETED.c.deleted_at >= at)
    return await find_row(
        tx, select(DELETED).where(*mine).order_by(DELETED.c.deleted_at, DELETED.c.id).limit(1), _deletion
    )


async def listed(tx: Transaction, request: ListDeleted) -> Sequence[Deletion]:
    """Return deletions, the last first."""
    query = select(DELETED).order_by(DELETED.c.deleted_at.desc(), DELETED.c.id.desc()).limit(request.limit)
    if request.since:
        query = query.where(DELETED.c.deleted_at >= request.since)
    for name in ("tenant", "name"):
        if wanted := getattr(request, name):
            query = query.where(DELETED.c[name] == wanted)
    return [_deletion(row) for row in await tx.rows(query)]


async def older(tx: Transaction, *, than: float, limit: int) -> Sequence[str]:
    """Return the ids of deletions before a time."""
    query = select(DELETED.c.id).where(DELETED.c.deleted_at < than).order_by(DELETED.c.deleted_at).limit(limit)
    return [row["id"] for row in await tx.rows(query)]


async def of_owner(tx: Transaction, owner: Owner) -> Sequence[str]:
    """Return the ids of all deletions of a name."""
    mine = (DELETED.c.tenant == owner[0], DELETED.c.name == owner[1])
    return [row["id"] for row in await tx.rows(select(DELETED.c.id).where(*mine))]


async def forget(tx: Transaction, ids: Sequence[str]) -> None:
    """Remove deletions; their keys stay revoked for ever."""
    if ids:
        await tx.execute(update(KEYS).where(KEYS.c.gone_with.in_(ids)).values(gone_with=None))
        await tx.execute(delete(DELETED).where(DELETED.c.id.in_(ids)))


async def count_keys(tx: Transaction, ids: Collection[str]) -> dict[str, int]:
    """Return how many keys went with each of some deletions."""
    went = (KEYS.c.gone_with.label("id"), func.count().label("n"))
    rows = await tx.rows(select(*went).where(KEYS.c.gone_with.in_(ids)).group_by(KEYS.c.gone_with))
    return {row["id"]: row["n"] for row in rows}


async def erase(tx: Transaction, tenant: str, digest: str, *, at: float) -> None:
    """Note that whoever has had a name does not come back."""
    await upserts.put(tx, ERASED, {"tenant": tenant, "digest": digest, "erased_at": at})


async def erased(tx: Transaction, digests: Collection[str], *, since: float) -> set[tuple[str, str]]:
    """Return tenant and digest of those who were erased since a time."""
    query = select(ERASED.c.tenant, ERASED.c.digest).where(ERASED.c.digest.in_(digests), ERASED.c.erased_at >= since)
    return {(row["tenant"], row["digest"]) for row in await tx.rows(query)}


def _deletion(row: RowMapping) -> Deletion:
    return Deletion(
        id=row["id"],
        principal=msgspec.json.decode(row["principal"], type=Principal),
        deleted_at=row["deleted_at"],
        deleted_by=row["deleted_by"],
    )
