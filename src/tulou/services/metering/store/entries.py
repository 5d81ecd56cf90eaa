"""Raw entries."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, bindparam, delete, or_, select, tuple_, update

from tulou.chassis.upserts import insert_into
from tulou.contracts.metering.messages import Counted, Entry, PricedBy, Units
from tulou.ports.database import Transaction
from tulou.services.metering.domain.sums import DIMENSIONS, UNITS
from tulou.services.metering.store.numbers import Filters
from tulou.services.metering.store.tables import ENTRIES, NUMBERS

Key = tuple[float, str]
"""When, and which: how an entry is told from all others."""


class EntryExtras(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What an entry has beyond the columns."""

    request_id: str = ""
    model: str = ""
    deployment: str = ""
    replica: str = ""
    attempt: int = 1
    code: str = ""
    stream: bool = False
    took_ms: float = 0.0
    first_token_ms: float | None = None
    counted: Counted = "none"
    tags: tuple[tuple[str, str], ...] = ()
    priced_by: PricedBy = ""
    own: bool | None = None


async def add(tx: Transaction, entries: Mapping[Key, Entry], numbers: Mapping[Key, int]) -> set[Key]:
    """Insert entries; return the keys of those that were not there. In order, so that two ingests never deadlock."""
    rows = [_row(entries[key], numbers[key]) for key in sorted(entries)]
    if not rows:
        return set()
    statement = insert_into(tx, ENTRIES).on_conflict_do_nothing().returning(ENTRIES.c.at, ENTRIES.c.id)
    return {(row["at"], row["id"]) for row in await tx.rows(statement, rows)}


def conditions(
    *, start: float | None, end: float | None, filters: Filters, model: str = ""
) -> list[ColumnElement[bool]]:
    """Return what entries must be like: of a span, of dimensions, asked of or answered by a model."""
    wanted: list[ColumnElement[bool]] = []
    if start is not None:
        wanted.append(ENTRIES.c.at >= start)
    if end is not None:
        wanted.append(ENTRIES.c.at < end)
    if "tenant" in filters:
        wanted.append(ENTRIES.c.tenant.in_(filters["tenant"]))
    wanted += [NUMBERS.c[name].in_(values) for name, values in filters.items() if name != "tenant"]
    if model:
        wanted.append(or_(NUMBERS.c.model == model, NUMBERS.c.served_by == model))
    return wanted


async def page(tx: Transaction, *conditions: ColumnElement[bool], after: Key | None, limit: int) -> Sequence[Entry]:
    """Return entries, the newest first."""
    query = _joined().where(*conditions).order_by(ENTRIES.c.at.desc(), ENTRIES.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(tuple_(ENTRIES.c.at, ENTRIES.c.id) < tuple_(*after))
    rows = await tx.rows(query)
    return await asyncio.to_thread(lambda: [_entry(row) for row in rows])  # a thousand take the loop's time


async def chunk(
    tx: Transaction, *conditions: ColumnElement[bool], after: Key | None, limit: int
) -> Sequence[tuple[Entry, int]]:
    """Return entries with their dimensions' numbers, the oldest first; nobody else changes them meanwhile."""
    query = _joined().where(*conditions).order_by(ENTRIES.c.at, ENTRIES.c.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(ENTRIES.c.at, ENTRIES.c.id) > tuple_(*after))
    rows = await tx.rows(query.with_for_update(of=ENTRIES))
    return [(_entry(row), row["dim"]) for row in rows]


async def reprice(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Write what entries cost now, and what their prices were found by."""
    if entries:
        statement = (
            update(ENTRIES)
            .where(ENTRIES.c.at == bindparam("of_at"), ENTRIES.c.id == bindparam("of_id"))
            .values(cost=bindparam("new_cost"), price=bindparam("new_price"), rest=bindparam("new_rest"))
        )
        values = [
            {"of_at": e.at, "of_id": e.id, "new_cost": e.cost, "new_price": e.price, "new_rest": _rest(e)}
            for e in entries
        ]
        await tx.execute(statement, values)


async def forget(tx: Transaction, *, before: float, limit: int) -> int:
    """Remove the oldest entries from before a time; return how many."""
    query = select(ENTRIES.c.at).where(ENTRIES.c.at < before).order_by(ENTRIES.c.at).limit(limit)
    rows = await tx.rows(query)
    if rows:
        await tx.execute(delete(ENTRIES).where(ENTRIES.c.at <= rows[-1]["at"]))
    return len(rows)


async def forget_denied(tx: Transaction, *, before: float, limit: int) -> int:
    """Remove the oldest entries from before a time that were denied; return how many."""
    old = select(ENTRIES.c.at, ENTRIES.c.id).where(ENTRIES.c.refused_by != "", ENTRIES.c.at < before)
    rows = await tx.rows(old.order_by(ENTRIES.c.at).limit(limit))
    if rows:
        of = (ENTRIES.c.at == bindparam("of_at"), ENTRIES.c.id == bindparam("of_id"))
        await tx.execute(delete(ENTRIES).where(*of), [{"of_at": row["at"], "of_id": row["id"]} for row in rows])
    return len(rows)


def _joined() -> Any:
    dims = [NUMBERS.c[name] for name in DIMENSIONS if name != "tenant"]
    return select(ENTRIES, *dims).join_from(ENTRIES, NUMBERS, NUMBERS.c.id == ENTRIES.c.dim)


def _row(entry: Entry, number: int) -> dict[str, Any]:
    return {
        "at": entry.at,
        "id": entry.id,
        "tenant": entry.tenant,
        "dim": number,
        "status": entry.status,
        "final": entry.final,
        "refused_by": entry.refused_by,
        **{unit: getattr(entry.units, unit) for unit in UNITS},
        "cost": entry.cost,
        "price": entry.price,
        "rest": _rest(entry),
    }


def _rest(entry: Entry) -> str:
    rest = EntryExtras(**{name: getattr(entry, name) for name in EntryExtras.__struct_fields__})
    return msgspec.json.encode(rest).decode()


def _entry(row: RowMapping) -> Entry:
    rest = msgspec.json.decode(row["rest"], type=EntryExtras)
    same = ("at", "id", "tenant", "status", "final", "refused_by", "cost", "price")
    dims = ("project", "principal", "key", "served_by", "provider", "endpoint", "upstream_model")
    return Entry(
        **{name: row[name] for name in (*same, *dims)},
        **{name: getattr(rest, name) for name in EntryExtras.__struct_fields__},
        units=Units(**{unit: row[unit] for unit in UNITS}),
        batch=row["batch"] == "true",
    )
