"""The records of the trail, and its head."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, insert, select, update

from tulou.chassis.rows import find_row, read_as, values_of
from tulou.contracts.governance.messages import AuditEntry, AuditRecord, ListAudit
from tulou.kernel.message import message
from tulou.ports.database import Transaction
from tulou.services.governance.store.tables import AUDIT, HEADS


@message
class TrailHead:
    """The last record of the trail."""

    sequence: int
    hash: str


async def hold_head(tx: Transaction) -> TrailHead:
    """Return the head, which nobody else moves until this transaction ends.

    Written, as it is, before it is read: that is a lock on every database.
    """
    await tx.execute(update(HEADS).values(sequence=HEADS.c.sequence))
    return await head(tx)


async def head(tx: Transaction) -> TrailHead:
    """Return the head as it is."""
    rows = await tx.rows(select(HEADS.c.sequence, HEADS.c.hash).where(HEADS.c.name == "audit"))
    return TrailHead(sequence=rows[0]["sequence"], hash=rows[0]["hash"])


async def known(tx: Transaction, ids: Sequence[str]) -> set[str]:
    """Return those of these ids that the trail has already."""
    rows = await tx.rows(select(AUDIT.c.id).where(AUDIT.c.id.in_(ids)))
    return {row["id"] for row in rows}


async def append(tx: Transaction, records: Sequence[AuditRecord]) -> None:
    """Add records behind the head, and move it."""
    await tx.execute(insert(AUDIT), [_row(record) for record in records])
    last = records[-1]
    await tx.execute(update(HEADS).where(HEADS.c.name == "audit").values(sequence=last.sequence, hash=last.hash))


async def record(tx: Transaction, sequence: int) -> AuditRecord | None:
    """Return the record at a place, or None."""
    return await find_row(tx, select(AUDIT).where(AUDIT.c.sequence == sequence), read_record)


async def walk(tx: Transaction, *, after: int, limit: int) -> Sequence[AuditRecord]:
    """Return the records that follow on a place, in their order."""
    rows = await tx.rows(select(AUDIT).where(AUDIT.c.sequence > after).order_by(AUDIT.c.sequence).limit(limit))
    return [read_record(row) for row in rows]


async def page(tx: Transaction, request: ListAudit) -> Sequence[AuditRecord]:
    """Return one record more than a page holds."""
    place = AUDIT.c.sequence
    query = select(AUDIT).where(*_filters(request)).limit(request.limit + 1)
    if request.oldest_first:
        query = query.where(place > request.after).order_by(place)
    else:
        query = query.order_by(place.desc())
        if request.after:
            query = query.where(place < request.after)
    return [read_record(row) for row in await tx.rows(query)]


def read_record(row: RowMapping) -> AuditRecord:
    """Return a row of the trail as a record."""
    entry = read_as(AuditEntry, row)
    return AuditRecord(sequence=row["sequence"], entry=entry, previous=row["previous"], hash=row["hash"])


def _filters(request: ListAudit) -> list[ColumnElement[bool]]:
    wanted = {"tenant": request.tenant, "principal": request.principal, "action": request.action}
    exact = [AUDIT.c[name] == value for name, value in wanted.items() if value]
    if request.outcome:
        exact.append(AUDIT.c.outcome == request.outcome)
    if request.changes:
        exact.append(AUDIT.c.action.endswith(":write"))
    if request.since is not None:
        exact.append(AUDIT.c.at >= request.since)
    if request.until is not None:
        exact.append(AUDIT.c.at < request.until)
    return exact


def _row(record: AuditRecord) -> dict[str, object]:
    entry = values_of(record.entry)
    return {"sequence": record.sequence, **entry, "previous": record.previous, "hash": record.hash}
