"""All SQL of the files service."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from tulou.chassis.rows import find_row
from tulou.contracts.files.messages import File, ListFiles, NameFile, Owner
from tulou.ports.database import Transaction

METADATA = MetaData()

State = Literal["arriving", "here", "going"]

FILES = Table(
    "files_files",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("project", String(64), nullable=False),
    Column("key", String(64), nullable=False),
    Column("principal", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Index("files_files_owner", "tenant", "project", "state", "id"),
    Index("files_files_expiry", "state", "expires_at"),
)
"""A file is `arriving` until all of it is stored and `going` while it is removed: only what is `here` is seen."""


async def add(tx: Transaction, file: File) -> None:
    """Note that a file arrives."""
    owner = file.owner
    row = {"tenant": owner.tenant, "project": owner.project, "key": owner.key, "principal": owner.principal}
    row |= {"id": file.id, "name": file.name, "purpose": file.purpose, "created_at": file.created_at}
    await tx.execute(
        insert(FILES).values(**row, size=0, pieces=0, digest="", state="arriving", expires_at=file.expires_at)
    )


async def arriving(tx: Transaction, file_id: str, owner: Owner) -> tuple[int, int] | None:
    """Return how many pieces and bytes there are of a file that arrives, or None; nobody else adds any meanwhile."""
    mine = (FILES.c.id == file_id, FILES.c.tenant == owner.tenant, FILES.c.state == "arriving")
    await tx.execute(update(FILES).where(*mine).values(state="arriving"))  # a lock on every database
    rows = await tx.rows(select(FILES.c.pieces, FILES.c.size).where(*mine))
    return (rows[0]["pieces"], rows[0]["size"]) if rows else None


async def grew(tx: Transaction, file_id: str, *, pieces: int, size: int) -> None:
    """Note the pieces and bytes that there are now."""
    await tx.execute(update(FILES).where(FILES.c.id == file_id).values(pieces=pieces, size=size))


async def arrived(tx: Transaction, file_id: str, *, digest: str) -> None:
    """Let a file be seen."""
    await tx.execute(update(FILES).where(FILES.c.id == file_id).values(state="here", digest=digest))


async def find(tx: Transaction, request: NameFile) -> File | None:
    """Return a file of this owner's project, or None."""
    return await find_row(tx, select(FILES).where(FILES.c.id == request.id, *_of(request.owner)), _file)


async def page(tx: Transaction, request: ListFiles) -> Sequence[File]:
    """Return one file more than a page holds."""
    order, beyond = (FILES.c.id, FILES.c.id > request.after)
    if not request.ascending:
        order, beyond = (FILES.c.id.desc(), FILES.c.id < request.after)
    query = select(FILES).where(*_of(request.owner)).order_by(order).limit(request.limit + 1)
    if request.after:
        query = query.where(beyond)
    if request.purpose:
        query = query.where(FILES.c.purpose == request.purpose)
    return [_file(row) for row in await tx.rows(query)]


async def total(tx: Transaction, owner: Owner) -> tuple[int, int]:
    """Return how many files a project has, and their size in bytes."""
    query = select(func.count().label("n"), func.coalesce(func.sum(FILES.c.size), 0).label("size")).where(*_of(owner))
    row = (await tx.rows(query))[0]
    return row["n"], int(row["size"])


async def remove(tx: Transaction, file: File) -> bool:
    """Let a file be seen no more; return whether it was seen before."""
    return (
        await tx.execute(update(FILES).where(FILES.c.id == file.id, FILES.c.state == "here").values(state="going")) > 0
    )


async def pieces(tx: Transaction, file_id: str) -> int:
    """Return how many pieces a file has."""
    rows = await tx.rows(select(FILES.c.pieces).where(FILES.c.id == file_id))
    return rows[0]["pieces"] if rows else 0


async def forget(tx: Transaction, ids: Sequence[str]) -> None:
    """Forget files whose content is gone."""
    await tx.execute(delete(FILES).where(FILES.c.id.in_(ids)))


async def finished(tx: Transaction, *, now: float, arrived_before: float, limit: int) -> Sequence[File]:
    """Return files that have expired, that are going, and those whose arrival broke off."""
    expired = (FILES.c.state == "here") & (FILES.c.expires_at <= now)
    broken = (FILES.c.state == "arriving") & (FILES.c.created_at < arrived_before)
    query = select(FILES).where(or_(expired, broken, FILES.c.state == "going")).limit(limit)
    return [_file(row) for row in await tx.rows(query)]


def _of(owner: Owner) -> tuple[ColumnElement[bool], ...]:
    return (FILES.c.tenant == owner.tenant, FILES.c.project == owner.project, FILES.c.state == "here")


def _file(row: RowMapping) -> File:
    owner = Owner(tenant=row["tenant"], project=row["project"], key=row["key"], principal=row["principal"])
    return File(
        id=row["id"],
        owner=owner,
        name=row["name"],
        purpose=row["purpose"],
        size=row["size"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        digest=row["digest"],
    )
