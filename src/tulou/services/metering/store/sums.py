"""The roll-ups: sums by minute, hour, day and month."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from tulou.chassis.upserts import insert_into
from tulou.ports.database import Transaction
from tulou.services.metering.domain.spans import Grain
from tulou.services.metering.domain.sums import SUMS, RollupRow, Sums
from tulou.services.metering.store.tables import ROLLUPS


async def add(tx: Transaction, grain: Grain, cells: Mapping[RollupRow, Sums]) -> None:
    """Add to the sums that are there. In order, so that two ingests never deadlock."""
    if not cells:
        return
    table = ROLLUPS[grain]
    statement = insert_into(tx, table)
    summed = {name: table.c[name] + statement.excluded[name] for name in SUMS}
    rows = [
        {"start": cell.start, "tenant": cell.tenant, "dim": cell.dim, **dict(zip(SUMS, cells[cell], strict=True))}
        for cell in sorted(cells)
    ]
    await tx.execute(
        statement.on_conflict_do_update(index_elements=[table.c.start, table.c.tenant, table.c.dim], set_=summed), rows
    )


async def forget(tx: Transaction, grain: Grain, *, before: float, limit: int) -> int:
    """Remove the oldest sums from before a time; return how many were looked at."""
    table = ROLLUPS[grain]
    rows = await tx.rows(select(table.c.start).where(table.c.start < before).order_by(table.c.start).limit(limit))
    if rows:
        await tx.execute(delete(table).where(table.c.start <= rows[-1]["start"]))
    return len(rows)
