"""What stands in the trail for refusals that were removed."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from sqlalchemy import RowMapping, delete, insert, or_, select

from tulou.chassis.rows import count_rows, values_of
from tulou.contracts.governance.messages import AuditEntry, AuditRecord
from tulou.kernel.message import message
from tulou.ports.database import Transaction
from tulou.services.governance.store import records as record_store
from tulou.services.governance.store.tables import AUDIT, CHECKPOINTS

DENIED = AUDIT.c.outcome == "denied"


@message
class Checkpoint:
    """Records `first` to `last` were removed `at` a time: the hash before them, that of the last, and the proof."""

    first: int
    last: int
    at: float
    previous: str
    hash: str
    proof: str = ""


async def walk(tx: Transaction, *, after: int, limit: int) -> Sequence[AuditRecord]:
    """Return the records that follow on a place, `limit` at most, and what stands for removed ones between them."""
    records = await record_store.walk(tx, after=after, limit=limit)
    until = records[-1].sequence if len(records) == limit else None
    return merged(records, await between(tx, after=after, until=until))


async def between(tx: Transaction, *, after: int, until: int | None) -> Sequence[AuditRecord]:
    """Return what stands for records that were removed behind a place. Read after the records: none is missed so."""
    query = select(CHECKPOINTS).where(CHECKPOINTS.c.last > after).order_by(CHECKPOINTS.c.last)
    if until is not None:
        query = query.where(CHECKPOINTS.c.last <= until)
    return [as_record(_checkpoint(row)) for row in await tx.rows(query)]


def merged(records: Iterable[AuditRecord], removals: Iterable[AuditRecord]) -> Sequence[AuditRecord]:
    """Return both in the order of the chain; records that went between two reads come before what stands for them."""
    return sorted([*records, *removals], key=attrgetter("sequence", "removed"))


def as_record(checkpoint: Checkpoint) -> AuditRecord:
    """Return a checkpoint in the place of the records that it stands for."""
    count = checkpoint.last - checkpoint.first + 1
    entry = AuditEntry(
        id=f"removed_{checkpoint.first}",
        at=checkpoint.at,
        tenant="",
        principal="",
        action="audit:removed",
        resource=f"audit/{checkpoint.first}-{checkpoint.last}",
        outcome="denied",
    )
    return AuditRecord(
        sequence=checkpoint.last,
        entry=entry,
        previous=checkpoint.previous,
        hash=checkpoint.hash,
        removed=count,
        proof=checkpoint.proof,
    )


async def count_denied(tx: Transaction) -> int:
    """Return how many refusals the trail holds."""
    return await count_rows(tx, AUDIT, DENIED)


async def denied(tx: Transaction, *, below: int, before: float | None, limit: int) -> Sequence[AuditRecord]:
    """Return the first refusals below a place, from before a time if there is one."""
    query = select(AUDIT).where(DENIED, AUDIT.c.sequence < below).order_by(AUDIT.c.sequence).limit(limit)
    if before is not None:
        query = query.where(AUDIT.c.at < before)
    return [record_store.read_record(row) for row in await tx.rows(query)]


async def links(tx: Transaction, places: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Return `previous` and `hash` of the records at these places; those that are not there are left out."""
    query = select(AUDIT.c.sequence, AUDIT.c.previous, AUDIT.c.hash).where(AUDIT.c.sequence.in_(places))
    return {row["sequence"]: (row["previous"], row["hash"]) for row in await tx.rows(query)}


async def beside(tx: Transaction, places: Sequence[int]) -> Sequence[Checkpoint]:
    """Return the checkpoints that begin or end at one of these places."""
    found = or_(CHECKPOINTS.c.first.in_(places), CHECKPOINTS.c.last.in_(places))
    return [_checkpoint(row) for row in await tx.rows(select(CHECKPOINTS).where(found))]


async def put(tx: Transaction, checkpoints: Sequence[Checkpoint]) -> None:
    """Put checkpoints in the place of refusals, and of checkpoints that they take in."""
    for one in checkpoints:
        await tx.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.first.between(one.first, one.last)))
        await tx.execute(insert(CHECKPOINTS).values(values_of(one)))
        await tx.execute(delete(AUDIT).where(AUDIT.c.sequence.between(one.first, one.last)))


def _checkpoint(row: RowMapping) -> Checkpoint:
    return Checkpoint(**row)
