"""Rows of tables and the messages they keep: a column for each field, under its name."""

from collections.abc import Callable
from dataclasses import Field
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import ColumnElement, Executable, RowMapping, Table, func, select

from tulou.ports.database import Transaction

T = TypeVar("T")


class MessageClass(Protocol):
    """What `kernel.message.message` makes."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


M = TypeVar("M", bound=MessageClass)


def values_of(message: MessageClass) -> dict[str, Any]:
    """Return the fields of a message by their names, as they are."""
    return {name: getattr(message, name) for name in message.__dataclass_fields__}


def read_as(kind: type[M], row: RowMapping) -> M:
    """Return the message that a row keeps; columns beyond its fields are left alone."""
    return kind(**{name: row[name] for name in kind.__dataclass_fields__})


async def find_row(tx: Transaction, query: Executable, read: Callable[[RowMapping], T]) -> T | None:
    """Return what the first row of a query is read as, or None where there is none."""
    rows = await tx.rows(query)
    return read(rows[0]) if rows else None


async def count_rows(tx: Transaction, table: Table, *where: ColumnElement[bool]) -> int:
    """Return how many rows of a table there are for which all of some conditions hold."""
    query = select(func.count().label("n")).select_from(table).where(*where)
    return (await tx.rows(query))[0]["n"]
