"""Rows that are written whether or not they are there: one statement, which no other writer can come between."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from tulou.kernel.errors import InvalidError
from tulou.ports.database import Transaction

Insert = sqlite.Insert | postgresql.Insert
INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(tx: Transaction, table: Table) -> Insert:
    """Return an insert of this transaction's database that can say what to do on conflicts."""
    try:
        return INSERTS[tx.dialect](table)
    except KeyError:
        raise InvalidError(f"rows are kept in SQLite or PostgreSQL, not in {tx.dialect}") from None


async def put(
    tx: Transaction,
    table: Table,
    row: Mapping[str, object],
    *,
    by: Collection[str] = (),
    keep: Collection[str] = (),
) -> None:
    """Insert a row, or write it over the one there is.

    `by` are the columns that tell which row that is, of which a constraint says that they are unique: the primary key
    unless others are named. What stands in columns to `keep`, such as when the row was made, stays as it was.
    """
    same = by or [column.name for column in table.primary_key]
    statement = insert_into(tx, table).values(**row)
    written = {name: statement.excluded[name] for name in row if name not in same and name not in keep}
    await tx.execute(statement.on_conflict_do_update(index_elements=list(same), set_=written))


async def add_once(tx: Transaction, table: Table, row: Mapping[str, object]) -> bool:
    """Insert a row; return whether it was not there yet, by any constraint that says what is unique."""
    return await tx.execute(insert_into(tx, table).values(**row).on_conflict_do_nothing()) == 1
