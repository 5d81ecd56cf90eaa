"""Rows that are written whether or not they are there, over SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint, select

from tulou.adapters.sql.postgres import open_postgres
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.upserts import add_once, insert_into, put
from tulou.kernel.errors import ConflictError, InvalidError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database, Transaction
from tulou.testing.conformance.revisions import Revisions
from tulou.testing.servers.postgres import PostgresServer

MADE = """op.create_table("{service}_books",
        sa.Column("shelf", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(64), nullable=False),
        sa.Column("made_at", sa.Integer, nullable=False),
        sa.UniqueConstraint("id", name="{service}_books_id"))"""


class Library:
    """A service with one table."""

    def __init__(self, database: Database, service: str) -> None:
        self.database = database
        self.books = Table(
            f"{service}_books",
            MetaData(),
            Column("shelf", String(64), primary_key=True),
            Column("number", Integer, primary_key=True),
            Column("id", String(64), nullable=False),
            Column("title", String(64), nullable=False),
            Column("made_at", Integer, nullable=False),
            UniqueConstraint("id", name=f"{service}_books_id"),
        )

    async def put(self, row: dict[str, object], *, by: tuple[str, ...] = (), keep: tuple[str, ...] = ()) -> None:
        async with self.database.transaction() as tx:
            await put(tx, self.books, row, by=by, keep=keep)

    async def add_once(self, row: dict[str, object]) -> bool:
        async with self.database.transaction() as tx:
            return await add_once(tx, self.books, row)

    async def rows(self) -> list[dict[str, object]]:
        async with self.database.reading() as tx:
            return [dict(row) for row in await tx.rows(select(self.books).order_by(self.books.c.number))]


def book(number: int, title: str, *, book_id: str = "", made_at: int = 1) -> dict[str, object]:
    return {"shelf": "a", "number": number, "id": book_id or str(number), "title": title, "made_at": made_at}


@pytest.fixture(params=["sqlite", "postgresql"])
async def library(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Library]:
    monkeypatch.syspath_prepend(str(tmp_path))  # pyright: ignore[reportUnknownMemberType] - untyped in pytest
    revisions = Revisions(tmp_path)
    if request.param == "sqlite":
        opened = open_sqlite(f"sqlite:///{tmp_path}/tulou.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        opened = open_postgres(server.new_database(new_id("house")))
    async with opened as database:
        await database.migrate([revisions.package({"0001": MADE})])
        async with database.reading() as tx:
            assert tx.dialect == request.param
        yield Library(database, revisions.service)


async def test_a_row_is_inserted_and_then_written_over_and_others_stay_as_they_are(library: Library) -> None:
    await library.put(book(1, "first"))
    await library.put(book(2, "second"))
    await library.put(book(1, "anew", made_at=2))

    assert await library.rows() == [book(1, "anew", made_at=2), book(2, "second")]


async def test_what_is_to_be_kept_is_that_of_the_row_which_was_first(library: Library) -> None:
    await library.put(book(1, "first"), keep=("made_at",))
    await library.put(book(1, "anew", made_at=2), keep=("made_at",))

    assert await library.rows() == [book(1, "anew")]


async def test_a_row_may_be_told_by_another_constraint_than_its_primary_key(library: Library) -> None:
    await library.put(book(1, "first", book_id="one"), by=("id",))
    await library.put(book(7, "anew", book_id="one"), by=("id",))

    assert await library.rows() == [book(7, "anew", book_id="one")]


async def test_what_breaks_another_constraint_is_still_a_conflict(library: Library) -> None:
    await library.put(book(1, "first"))

    with pytest.raises(ConflictError):
        await library.put(book(2, "second", book_id="1"))
    assert await library.rows() == [book(1, "first")]


async def test_only_the_first_is_added_and_is_told_so(library: Library) -> None:
    assert await library.add_once(book(1, "first"))
    assert not await library.add_once(book(1, "anew"))
    assert not await library.add_once(book(2, "second", book_id="1")), "its id is taken"

    assert await library.rows() == [book(1, "first")]


async def test_writers_that_come_together_all_get_through_and_one_of_them_adds(library: Library) -> None:
    await asyncio.gather(*(library.put(book(1, f"by {writer}")) for writer in range(8)))
    added = await asyncio.gather(*(library.add_once(book(2, f"by {writer}")) for writer in range(8)))

    first, second = await library.rows()
    assert str(first["title"]).startswith("by ")
    assert sum(added) == 1
    assert second["title"] == f"by {added.index(True)}"


def test_another_database_is_named() -> None:
    elsewhere = cast("Transaction", SimpleNamespace(dialect="mysql"))

    with pytest.raises(InvalidError, match="not in mysql"):
        insert_into(elsewhere, Table("books", MetaData(), Column("id", Integer)))
