"""Rows and the messages they keep."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, text

from tulou.chassis.rows import count_rows, find_row, read_as, values_of
from tulou.kernel.message import message
from tulou.testing.house import open_house

BOOKS = Table(
    "books", MetaData(), Column("name", String, primary_key=True), Column("pages", Integer), Column("made_at", Integer)
)


@message
class Book:
    """A book."""

    name: str
    pages: int = 0


async def test_a_message_is_kept_in_a_row_and_read_from_it_whatever_else_stands_there() -> None:
    async with open_house() as house, house.database.transaction() as tx:
        await tx.execute(text("CREATE TABLE books (name TEXT PRIMARY KEY, pages INTEGER, made_at INTEGER)"))
        for book in (Book(name="a", pages=7), Book(name="b")):
            await tx.execute(insert(BOOKS).values(**values_of(book), made_at=1))

        found = await find_row(tx, select(BOOKS).where(BOOKS.c.name == "a"), lambda row: read_as(Book, row))
        assert found == Book(name="a", pages=7)
        assert await find_row(tx, select(BOOKS).where(BOOKS.c.name == "c"), lambda row: read_as(Book, row)) is None
        assert await count_rows(tx, BOOKS) == 2
        assert await count_rows(tx, BOOKS, BOOKS.c.pages > 1) == 1
        assert await count_rows(tx, BOOKS, BOOKS.c.pages > 1, BOOKS.c.name == "b") == 0


def test_the_fields_of_a_message_are_its_own_values() -> None:
    assert values_of(Book(name="a", pages=7)) == {"name": "a", "pages": 7}


async def test_a_column_that_is_not_there_is_an_error_and_not_a_default() -> None:
    async with open_house() as house, house.database.reading() as tx:
        (row,) = await tx.rows(select(text("'a' AS name")))
        with pytest.raises(LookupError):
            read_as(Book, row)
