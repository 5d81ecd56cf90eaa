"""Reports, made of roll-ups and nothing else: what they cost depends on what is shown, not on how much was used."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, func, literal, select, tuple_, union_all

from tulou.contracts.metering.messages import Bucket, Dimension, Order, Units, UsageQuery, UsageRow
from tulou.ports.database import Transaction
from tulou.services.metering.domain.spans import GrainSpan, months, starts
from tulou.services.metering.domain.sums import DAY, SUMS, UNITS
from tulou.services.metering.store.numbers import Filters, meant
from tulou.services.metering.store.tables import NUMBERS, ROLLUPS

AMOUNTS: Mapping[Order, Sequence[str]] = {
    "cost": ("cost",),
    "tokens": ("input", "output"),
    "requests": ("requests",),
}
NAMED_STARTS = 1_000
"""Up to so many minutes, hours or days are named one by one, so that the primary key leads straight to a tenant's."""


async def rows(
    tx: Transaction, pieces: Sequence[GrainSpan], request: UsageQuery, *, filters: Filters, after: Sequence[Any]
) -> list[UsageRow]:
    """Return sums by bucket and group, in the order asked for; one more than asked for where there are more.

    `after` is where the last row seen stands: its amount, if that is the order, its bucket and its group.
    """
    bucket, group_by, order = request.bucket, request.group_by, request.order
    within = (min(piece.start for piece in pieces), max(piece.end for piece in pieces))
    parts = [_part(piece, bucket, within, filters) for piece in pieces]
    summed = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("parts")
    dims = [NUMBERS.c[name] for name in group_by]
    keys = [summed.c.bucket, *dims]
    query = select(*keys, *(func.sum(summed.c[name]).label(name) for name in SUMS))
    if dims:
        query = query.join_from(summed, NUMBERS, NUMBERS.c.id == summed.c.dim)
    places: list[ColumnElement[Any]] = [*keys]
    if order != "time":
        places.insert(0, -sum((func.sum(summed.c[name]) for name in AMOUNTS[order]), start=literal(0)))
        after = (-after[0], *after[1:]) if after else after
    query = query.group_by(*keys).order_by(*places).limit(request.limit + 1)
    if after:
        query = query.having(tuple_(*places) > tuple_(*(_literal(value) for value in after)))
    return [_usage(row, group_by) for row in await tx.rows(query)]


def amount(row: UsageRow, order: Order) -> int:
    """Return how much a row has of what a report is ordered by."""
    match order:
        case "tokens":
            return row.units.input + row.units.output
        case "requests":
            return row.requests
        case "cost" | "time":
            return row.cost


def _part(piece: GrainSpan, bucket: Bucket, within: tuple[int, int], filters: Filters) -> Select[Any]:
    """Return what one piece of the span has, for each bucket and number of dimensions."""
    table = ROLLUPS[piece.grain]
    start = _bucket_of(table.c.start, piece, bucket, within)
    conditions = [_starts(table.c.start, piece, named="tenant" in filters), *_filtered(table, filters)]
    if bucket == piece.grain:
        return select(start.label("bucket"), table.c.dim, *(table.c[name] for name in SUMS)).where(*conditions)
    # Added up before names are looked up: a month has far fewer numbers than rows.
    sums = [func.sum(table.c[name]).label(name) for name in SUMS]
    return select(start.label("bucket"), table.c.dim, *sums).where(*conditions).group_by(start, table.c.dim)


def _starts(column: ColumnElement[int], piece: GrainSpan, *, named: bool) -> ColumnElement[bool]:
    begun = starts(piece)
    if named and len(begun) <= NAMED_STARTS:
        return column.in_(begun)
    return (column >= piece.start) & (column < piece.end)


def _filtered(table: Any, filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if "tenant" in filters:
        conditions.append(table.c.tenant.in_(filters["tenant"]))
    if filters.keys() - {"tenant"}:
        conditions.append(table.c.dim.in_(meant(filters)))
    return conditions


def _bucket_of(
    column: ColumnElement[int], piece: GrainSpan, bucket: Bucket, within: tuple[int, int]
) -> ColumnElement[int]:
    """Return the beginning of the bucket that a row falls into."""
    if bucket == piece.grain:
        return column
    if bucket == "day":
        return column - column % DAY
    if bucket == "all":
        return literal(within[0], BigInteger)
    begun = sorted(months(piece.start, piece.end), reverse=True)
    if len(begun) == 1:
        return literal(begun[0], BigInteger)
    return case(
        *((column >= month, literal(month, BigInteger)) for month in begun[:-1]), else_=literal(begun[-1], BigInteger)
    )


def _literal(value: Any) -> ColumnElement[Any]:
    return literal(value, BigInteger) if isinstance(value, int) else literal(value)


def _usage(row: Any, group_by: Sequence[Dimension]) -> UsageRow:
    return UsageRow(
        start=float(row["bucket"]),
        group=tuple(row[name] for name in group_by),
        requests=int(row["requests"]),
        refused=int(row["refused"]),
        failed=int(row["failed"]),
        units=Units(**{unit: int(row[unit]) for unit in UNITS}),
        cost=int(row["cost"]),
        unpriced=int(row["unpriced"]),
        unpriced_tokens=int(row["unpriced_tokens"]),
        priced_by_name=int(row["priced_by_name"]),
    )
