"""SQLite against the database suite, and what is particular to a file."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conformance.killed import killed
from tulou.adapters.sql import transaction
from tulou.adapters.sql.sqlite import SqliteDatabase, open_sqlite
from tulou.kernel.errors import DeadlineError, InvalidError, UnavailableError
from tulou.ports.database import Database
from tulou.testing.conformance.database import DatabaseSuite, Open, Shop


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/a%20house/tulou.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a house" / "tulou.db"


class TestSqlite(DatabaseSuite):
    @pytest.fixture
    async def database(self, url: str) -> AsyncGenerator[Database]:
        async with open_sqlite(url) as database:
            yield database

    @pytest.fixture
    def reopen(self, url: str) -> Open:
        def again() -> AbstractAsyncContextManager[Database]:
            return open_sqlite(url)

        return again

    async def test_only_the_owner_can_read_the_file(self, shop: Shop, file: Path) -> None:
        await shop.add("a")
        modes = {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
        assert modes == {"tulou.db": 0o600, "tulou.db-wal": 0o600, "tulou.db-shm": 0o600}

    async def test_every_commit_is_synced(self, database: Database) -> None:
        async with database.transaction() as tx:
            assert (await tx.rows(text("PRAGMA synchronous")))[0]["synchronous"] == 2
            assert (await tx.rows(text("PRAGMA journal_mode")))[0]["journal_mode"] == "wal"

    async def test_a_full_disk_is_named(self, shop: Shop) -> None:
        async with shop.database.transaction() as tx:
            await tx.rows(text("PRAGMA max_page_count = 1"))  # SQLite's own way to be full
        with pytest.raises(UnavailableError, match=r"tulou\.db.*free some space"):
            await shop.add(*(f"{number}-{'x' * 50}" for number in range(500)))
        assert await shop.names() == []

    async def test_a_file_that_another_process_holds_is_named(self, url: str, file: Path) -> None:
        async with open_sqlite(url):
            pass
        database = SqliteDatabase(file, wait_s=0.05)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UnavailableError, match=r"tulou\.db.*try again"):
                await _touch(database)
        await _touch(database)
        await database.close()

    async def test_a_turn_to_write_is_not_waited_for_for_ever(self, url: str, file: Path) -> None:
        async with open_sqlite(url):
            pass
        database = SqliteDatabase(file, wait_s=0.05)
        async with database.transaction():
            with pytest.raises(UnavailableError, match="no turn to write"):
                await asyncio.create_task(_touch(database))
        await _touch(database)
        await database.close()

    async def test_a_unit_of_work_that_takes_too_long_is_ended(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def stay() -> None:
            async with shop.database.transaction() as tx:
                await tx.execute(shop.shelves.insert(), {"name": "a"})
                await asyncio.Event().wait()

        monkeypatch.setattr(transaction, "HELD_S", 0.05)
        with pytest.raises(DeadlineError, match="split it"):
            await stay()
        await shop.add("b")
        assert await shop.names() == ["b"]

    async def test_a_file_that_is_no_database_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "other.db").write_bytes(b"not a database at all" * 100)
        with pytest.raises(UnavailableError, match=r"other\.db"):
            async with open_sqlite(f"sqlite:///{tmp_path}/other.db") as database:
                await _touch(database)

    async def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(UnavailableError, match=r"tulou\.db"):
            async with open_sqlite(f"sqlite:///{tmp_path}/file/tulou.db"):
                pass

    async def test_a_url_without_a_file_is_refused(self) -> None:
        with pytest.raises(InvalidError, match="sqlite:///FILE"):
            async with open_sqlite("sqlite://"):
                pass

    async def test_a_killed_writer_loses_nothing_that_was_committed(self, url: str) -> None:
        last = killed("rows", url, after=50)
        async with open_sqlite(url) as database, database.reading() as tx:
            rows = await tx.rows(text("SELECT count(*) AS n, max(number) AS last FROM lines"))
            whole = await tx.rows(text("PRAGMA integrity_check"))
        assert rows[0]["last"] >= 2 * last + 1
        assert rows[0]["n"] == rows[0]["last"] + 1  # no gap, and no half of a unit of work
        assert whole[0]["integrity_check"] == "ok"


async def _touch(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE IF NOT EXISTS touched (a INTEGER)"))
