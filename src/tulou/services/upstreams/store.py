"""All SQL of the upstreams service."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from tulou.chassis import upserts
from tulou.chassis.rows import count_rows, find_row, read_as, values_of
from tulou.contracts.upstreams.messages import CredentialState, UpstreamSpec
from tulou.kernel.message import message
from tulou.ports.database import Transaction

METADATA = MetaData()

UPSTREAMS = Table(
    "upstreams_upstreams",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
)

CREDENTIALS = Table(
    "upstreams_credentials",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("upstream", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("hint", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("until", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    UniqueConstraint("upstream", "name", name="upstreams_credentials_name"),
)

DELETED = Table(
    "upstreams_deleted_credentials",
    METADATA,
    *(Column(column.name, column.type, primary_key=column.primary_key, nullable=False) for column in CREDENTIALS.c),
    Column("deleted_at", Float, nullable=False),
    Index("upstreams_deleted_credentials_at", "deleted_at"),
)
"""Sealed credentials that may come back, out of the other table, so that their names are free."""

LEAST_LONGER_S = 1.0
"""A rest that is longer by less is not worth a write: many gateways report the same 429."""


@message
class StoredUpstream:
    """An upstream as the table has it."""

    spec: UpstreamSpec
    revision: int


@message
class StoredCredential:
    """A credential as the table has it: `sealed` or a `reference`; one that cools does so until then."""

    id: str
    upstream: str
    name: str
    sealed: str
    reference: str
    hint: str
    state: CredentialState
    why: str
    until: float
    created_at: float
    changed_at: float


async def upstreams(tx: Transaction) -> Sequence[StoredUpstream]:
    """Return all upstreams in the order of their names."""
    return [_upstream(row) for row in await tx.rows(select(UPSTREAMS).order_by(UPSTREAMS.c.name))]


async def find(tx: Transaction, name: str) -> StoredUpstream | None:
    """Return an upstream, or None."""
    return await find_row(tx, select(UPSTREAMS).where(UPSTREAMS.c.name == name), _upstream)


async def count(tx: Transaction) -> int:
    """Return how many upstreams there are."""
    return await count_rows(tx, UPSTREAMS)


async def add(tx: Transaction, spec: UpstreamSpec, *, at: float) -> None:
    """Insert an upstream."""
    row = {"name": spec.name, "spec": _json(spec), "revision": 1, "created_at": at, "changed_at": at}
    await tx.execute(insert(UPSTREAMS).values(**row))


async def change(tx: Transaction, spec: UpstreamSpec) -> None:
    """Replace what was asked for."""
    await tx.execute(update(UPSTREAMS).where(UPSTREAMS.c.name == spec.name).values(spec=_json(spec)))


async def touch(tx: Transaction, name: str, *, at: float) -> None:
    """Count a change of an upstream or of its credentials."""
    values = {"revision": UPSTREAMS.c.revision + 1, "changed_at": at}
    await tx.execute(update(UPSTREAMS).where(UPSTREAMS.c.name == name).values(**values))


async def remove(tx: Transaction, name: str, *, at: float) -> bool:
    """Delete an upstream and its credentials, of which sealed ones may come back; return whether there was one."""
    await _set_aside(tx, CREDENTIALS.c.upstream == name, at=at)
    await tx.execute(delete(CREDENTIALS).where(CREDENTIALS.c.upstream == name))
    return await tx.execute(delete(UPSTREAMS).where(UPSTREAMS.c.name == name)) == 1


async def credentials(tx: Transaction, upstream: str = "") -> Sequence[StoredCredential]:
    """Return the credentials of an upstream, or all, in the order in which they were made."""
    query = select(CREDENTIALS).order_by(CREDENTIALS.c.id)
    if upstream:
        query = query.where(CREDENTIALS.c.upstream == upstream)
    return [_credential(row) for row in await tx.rows(query)]


async def find_credential(tx: Transaction, credential: str) -> StoredCredential | None:
    """Return a credential, or None."""
    return await find_row(tx, select(CREDENTIALS).where(CREDENTIALS.c.id == credential), _credential)


async def put_credential(tx: Transaction, stored: StoredCredential) -> None:
    """Insert a credential in the place of the one of that name."""
    row = values_of(stored)
    await upserts.put(tx, CREDENTIALS, row, by=["upstream", "name"])


async def remove_credential(tx: Transaction, credential: str, *, at: float) -> bool:
    """Delete a credential, which may come back if it is sealed; return whether there was one."""
    await _set_aside(tx, CREDENTIALS.c.id == credential, at=at)
    return await tx.execute(delete(CREDENTIALS).where(CREDENTIALS.c.id == credential)) == 1


async def deleted(tx: Transaction, upstream: str, *, since: float) -> Sequence[tuple[StoredCredential, float]]:
    """Return sealed credentials that were deleted since a time, and when, the last first."""
    query = select(DELETED).where(DELETED.c.deleted_at >= since).order_by(DELETED.c.deleted_at.desc(), DELETED.c.id)
    rows = await tx.rows(query.where(DELETED.c.upstream == upstream) if upstream else query)
    return [(_credential(row), row["deleted_at"]) for row in rows]


async def bring_back(tx: Transaction, stored: StoredCredential) -> None:
    """Use a deleted credential again."""
    await tx.execute(delete(DELETED).where(DELETED.c.id == stored.id))
    row = values_of(stored)
    await tx.execute(insert(CREDENTIALS).values(**row))


async def sweep(tx: Transaction, *, before: float) -> int:
    """Remove for ever what was deleted before a time; return how much."""
    return await tx.execute(delete(DELETED).where(DELETED.c.deleted_at < before))


async def retire(tx: Transaction, credential: str, *, why: str, at: float) -> bool:
    """Use a credential no more; return whether it was this call that ended it."""
    in_use = (CREDENTIALS.c.id == credential, CREDENTIALS.c.state != "retired")
    values = {"state": "retired", "why": why, "until": 0.0, "changed_at": at}
    return await tx.execute(update(CREDENTIALS).where(*in_use).values(**values)) == 1


async def cool(tx: Transaction, credential: str, *, why: str, until: float, at: float) -> bool:
    """Let a credential rest that is not retired and does not rest about as long already; return whether it does now."""
    shorter = and_(CREDENTIALS.c.state == "cooling", CREDENTIALS.c.until < until - LEAST_LONGER_S)
    may = (CREDENTIALS.c.id == credential, or_(CREDENTIALS.c.state == "active", shorter))
    values = {"state": "cooling", "why": why, "until": until, "changed_at": at}
    return await tx.execute(update(CREDENTIALS).where(*may).values(**values)) == 1


async def revive(tx: Transaction, credential: str, *, at: float) -> bool:
    """Use a credential again; return whether it was not in use."""
    unused = (CREDENTIALS.c.id == credential, CREDENTIALS.c.state != "active")
    values = {"state": "active", "why": "", "until": 0.0, "changed_at": at}
    return await tx.execute(update(CREDENTIALS).where(*unused).values(**values)) == 1


async def _set_aside(tx: Transaction, which: ColumnElement[bool], *, at: float) -> None:
    rows = await tx.rows(select(CREDENTIALS).where(which, CREDENTIALS.c.sealed != ""))
    for row in rows:
        await upserts.put(tx, DELETED, {**row, "deleted_at": at})


def _json(spec: UpstreamSpec) -> str:
    return msgspec.json.encode(spec).decode()


def _upstream(row: RowMapping) -> StoredUpstream:
    return StoredUpstream(spec=msgspec.json.decode(row["spec"], type=UpstreamSpec), revision=row["revision"])


def _credential(row: RowMapping) -> StoredCredential:
    return read_as(StoredCredential, row)
