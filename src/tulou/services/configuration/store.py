"""All SQL of the configuration service."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import (
    Column,
    Float,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from tulou.chassis import upserts
from tulou.chassis.rows import find_row
from tulou.contracts.configuration.messages import Change, Revision
from tulou.kernel.message import message
from tulou.ports.database import Transaction

METADATA = MetaData()

REVISIONS = Table(
    "configuration_revisions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("author", String(200), nullable=False),
    Column("reason", String(1000), nullable=False),
    Column("source", String(16), nullable=False),
    Column("document", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("via", String(32), nullable=False, server_default=""),
)

TURNS = Table(
    "configuration_turns",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Float, nullable=False),
    Column("restore", Integer, nullable=False),
)

APPLY = "apply"
FREE = 0.0


@message
class LockState:
    """Whose turn it is, until when, and to which revision the house returns if the holder dies (0: to none)."""

    holder: str
    until: float
    restore: int


async def newest(tx: Transaction) -> int:
    """Return the number of the newest revision, 0 for none."""
    return (await tx.rows(select(func.max(REVISIONS.c.number).label("n"))))[0]["n"] or 0


async def document(tx: Transaction, number: int) -> str | None:
    """Return the document of a revision, or None."""
    rows = await tx.rows(select(REVISIONS.c.document).where(REVISIONS.c.number == number))
    return rows[0]["document"] if rows else None


async def find(tx: Transaction, number: int) -> Revision | None:
    """Return a revision, or None."""
    return await find_row(tx, select(REVISIONS).where(REVISIONS.c.number == number), _revision)


async def page(tx: Transaction, *, after: int, limit: int) -> Sequence[Revision]:
    """Return revisions before a number (0: all), newest first."""
    query = select(REVISIONS).order_by(REVISIONS.c.number.desc()).limit(limit)
    if after:
        query = query.where(REVISIONS.c.number < after)
    return [_revision(row) for row in await tx.rows(query)]


async def add(tx: Transaction, revision: Revision, text: str, *, keep: int) -> None:
    """Keep a revision; forget those that are too many. Raises `ConflictError` for a number that is taken."""
    row = {
        "number": revision.number,
        "at": revision.at,
        "author": revision.author,
        "reason": revision.reason,
        "source": revision.source,
        "document": text,
        "via": revision.via,
        "changes": msgspec.json.encode(revision.changes).decode(),
    }
    await tx.execute(insert(REVISIONS).values(**row))
    await tx.execute(delete(REVISIONS).where(REVISIONS.c.number <= revision.number - keep))


async def attribute(tx: Transaction, revision: Revision) -> None:
    """Say of a revision anew who made it, why, and by way of what."""
    values = {name: getattr(revision, name) for name in ("author", "reason", "source", "via")}
    await tx.execute(update(REVISIONS).where(REVISIONS.c.number == revision.number).values(**values))


async def turn(tx: Transaction) -> LockState | None:
    """Return whose turn it was last, or None if it was nobody's yet."""
    rows = await tx.rows(select(TURNS).where(TURNS.c.name == APPLY))
    return LockState(holder=rows[0]["holder"], until=rows[0]["until"], restore=rows[0]["restore"]) if rows else None


async def begin_turn(tx: Transaction, fresh: LockState, *, before: LockState | None) -> bool:
    """Take the turn if it is still as it was seen; return whether it was."""
    values = {"holder": fresh.holder, "until": fresh.until, "restore": fresh.restore}
    if before is None:
        return await upserts.add_once(tx, TURNS, {"name": APPLY, **values})
    seen = (TURNS.c.name == APPLY, TURNS.c.holder == before.holder, TURNS.c.until == before.until)
    return await tx.execute(update(TURNS).where(*seen).values(**values)) == 1


async def hold_turn(tx: Transaction, turn_: LockState) -> bool:
    """Keep the turn, or give it back with `until` in the past; return whether it was this holder's."""
    mine = (TURNS.c.name == APPLY, TURNS.c.holder == turn_.holder)
    return await tx.execute(update(TURNS).where(*mine).values(until=turn_.until, restore=turn_.restore)) == 1


def _revision(row: RowMapping) -> Revision:
    return Revision(
        number=row["number"],
        at=row["at"],
        author=row["author"],
        reason=row["reason"],
        source=row["source"],
        changes=msgspec.json.decode(row["changes"], type=tuple[Change, ...]),
        via=row["via"],
    )
