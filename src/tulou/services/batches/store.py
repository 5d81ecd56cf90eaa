"""All SQL of the batches service."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from tulou.chassis.rows import count_rows, find_row
from tulou.contracts.batches.messages import Batch, BatchState, ListBatches
from tulou.contracts.files.messages import Owner
from tulou.ports.database import Transaction
from tulou.services.batches.domain import FINAL

METADATA = MetaData()

BATCHES = Table(
    "batches_batches",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("project", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("completed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("record", Text, nullable=False),
    Index("batches_batches_owner", "tenant", "project", "id"),
)
"""`record` is the batch as JSON; state and counts, which change with every line, stand beside it and hold."""

LINES = Table(
    "batches_lines",
    METADATA,
    Column("batch", String(64), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("good", Boolean, nullable=False),
    Column("output", Text, nullable=False),
)

COUNTED = ("state", "completed", "failed")


async def add(tx: Transaction, batch: Batch) -> None:
    """Insert a batch."""
    row = {"id": batch.id, "tenant": batch.owner.tenant, "project": batch.owner.project}
    counts = {name: getattr(batch, name) for name in COUNTED}
    await tx.execute(insert(BATCHES).values(**row, **counts, created_at=batch.created_at, record=_json(batch)))


async def find(tx: Transaction, batch_id: str, owner: Owner | None = None) -> Batch | None:
    """Return a batch, of this owner's project alone when one is given, or None."""
    query = select(BATCHES).where(BATCHES.c.id == batch_id)
    if owner is not None:
        query = query.where(BATCHES.c.tenant == owner.tenant, BATCHES.c.project == owner.project)
    return await find_row(tx, query, _batch)


async def hold(tx: Transaction, batch_id: str, owner: Owner | None = None) -> Batch | None:
    """Return a batch that nobody else changes until this transaction ends, or None."""
    await tx.execute(update(BATCHES).where(BATCHES.c.id == batch_id).values(state=BATCHES.c.state))
    return await find(tx, batch_id, owner)


async def page(tx: Transaction, request: ListBatches) -> Sequence[Batch]:
    """Return one batch more than a page holds, newest first."""
    owner = request.owner
    query = select(BATCHES).where(BATCHES.c.tenant == owner.tenant, BATCHES.c.project == owner.project)
    if request.after:
        query = query.where(BATCHES.c.id < request.after)
    return [_batch(row) for row in await tx.rows(query.order_by(BATCHES.c.id.desc()).limit(request.limit + 1))]


async def count_unfinished(tx: Transaction, owner: Owner) -> int:
    """Return how many batches of a project are not finished."""
    mine = (BATCHES.c.tenant == owner.tenant, BATCHES.c.project == owner.project, BATCHES.c.state.not_in(FINAL))
    return await count_rows(tx, BATCHES, *mine)


async def put(tx: Transaction, batch: Batch) -> None:
    """Write a batch's state and record; its counts are those of its lines."""
    await tx.execute(update(BATCHES).where(BATCHES.c.id == batch.id).values(state=batch.state, record=_json(batch)))


async def add_line(tx: Transaction, batch_id: str, line: int, output: bytes, *, good: bool) -> BatchState:
    """Keep the answer to a line, count it, and return the batch's state now."""
    await tx.execute(insert(LINES).values(batch=batch_id, line=line, good=good, output=output.decode()))
    counted = BATCHES.c.completed if good else BATCHES.c.failed
    await tx.execute(update(BATCHES).where(BATCHES.c.id == batch_id).values({counted.name: counted + 1}))
    rows = await tx.rows(select(BATCHES.c.state).where(BATCHES.c.id == batch_id))
    return rows[0]["state"]


async def done(tx: Transaction, batch_id: str) -> set[int]:
    """Return the numbers of the lines that are answered."""
    return {row["line"] for row in await tx.rows(select(LINES.c.line).where(LINES.c.batch == batch_id))}


async def outputs(tx: Transaction, batch_id: str, *, good: bool, after: int, limit: int) -> Sequence[tuple[int, str]]:
    """Return answers in the order of their lines."""
    wanted = (LINES.c.batch == batch_id, LINES.c.good == good, LINES.c.line > after)
    query = select(LINES.c.line, LINES.c.output).where(*wanted).order_by(LINES.c.line).limit(limit)
    return [(row["line"], row["output"]) for row in await tx.rows(query)]


async def forget_lines(tx: Transaction, batch_id: str) -> None:
    """Forget the answers of a batch whose files are written."""
    await tx.execute(delete(LINES).where(LINES.c.batch == batch_id))


def _json(batch: Batch) -> str:
    return msgspec.json.encode(batch).decode()


def _batch(row: RowMapping) -> Batch:
    batch = msgspec.json.decode(row["record"], type=Batch)
    return replace(batch, **{name: row[name] for name in COUNTED})
