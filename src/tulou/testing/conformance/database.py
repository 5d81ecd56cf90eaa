"""What every database adapter must do."""

# ruff: noqa: S101, PLR2004, PT012, D102 - a suite of tests, whose names are sentences

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from tulou.kernel.errors import ConflictError, InvalidError, TulouError
from tulou.ports.database import Database
from tulou.testing.conformance.revisions import Revisions

Open = Callable[[], AbstractAsyncContextManager[Database]]
BIG = 2**53 + 1

SHELVES = """op.create_table("{service}_shelves",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("count", sa.BigInteger),
        sa.Column("weight", sa.Float),
        sa.Column("open", sa.Boolean),
        sa.Column("seal", sa.LargeBinary),
        sa.Column("note", sa.Text))
    op.create_table("{service}_boxes",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("shelf", sa.String(64), sa.ForeignKey("{service}_shelves.name"), nullable=False))"""
LABELS = """op.create_table("{service}_labels", sa.Column("name", sa.String(64), primary_key=True))"""
BROKEN = """op.create_table("{service}_half", sa.Column("name", sa.String(64), primary_key=True))
    raise ValueError("broken")"""


class Shop:
    """A service with two tables."""

    def __init__(self, database: Database, revisions: Revisions) -> None:
        metadata = MetaData()
        self.database = database
        self.revisions = revisions
        self.shelves = Table(
            f"{revisions.service}_shelves",
            metadata,
            Column("name", String(64), primary_key=True),
            Column("count", BigInteger),
            Column("weight", Float),
            Column("open", Boolean),
            Column("seal", LargeBinary),
            Column("note", Text),
        )
        self.boxes = Table(
            f"{revisions.service}_boxes",
            metadata,
            Column("name", String(64), primary_key=True),
            Column("shelf", String(64), ForeignKey(self.shelves.c.name), nullable=False),
        )

    async def add(self, *names: str, count: int = 0) -> None:
        async with self.database.transaction() as tx:
            for name in names:
                await tx.execute(insert(self.shelves), {"name": name, "count": count})

    async def names(self) -> list[str]:
        async with self.database.reading() as tx:
            return [row["name"] for row in await tx.rows(select(self.shelves.c.name).order_by(self.shelves.c.name))]


class DatabaseSuite:
    """Needs the fixtures `database` (empty) and `reopen` (opens the same one once more, as another process would)."""

    @pytest.fixture
    def revisions(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Revisions:
        monkeypatch.syspath_prepend(str(tmp_path))  # pyright: ignore[reportUnknownMemberType] - untyped in pytest
        return Revisions(tmp_path)

    @pytest.fixture
    async def shop(self, database: Database, revisions: Revisions) -> Shop:
        await database.migrate([revisions.package({"0001": SHELVES})])
        return Shop(database, revisions)

    async def test_what_was_committed_is_read_back(self, shop: Shop) -> None:
        row = {"name": "架子", "count": BIG, "weight": 0.1, "open": True, "seal": b"\x00\xff", "note": None}
        async with shop.database.transaction() as tx:
            assert await tx.execute(insert(shop.shelves), row) == 1
        async with shop.database.reading() as tx:
            assert [dict(found) for found in await tx.rows(select(shop.shelves))] == [row]

    async def test_a_unit_of_work_that_raises_leaves_nothing(self, shop: Shop) -> None:
        with pytest.raises(KeyError):
            async with shop.database.transaction() as tx:
                await tx.execute(insert(shop.shelves), {"name": "a"})
                raise KeyError
        assert await shop.names() == []

    async def test_a_broken_constraint_is_a_conflict(self, shop: Shop) -> None:
        await shop.add("a")
        with pytest.raises(ConflictError):
            await shop.add("b", "a")
        with pytest.raises(ConflictError):
            async with shop.database.transaction() as tx:
                await tx.execute(insert(shop.boxes), {"name": "box", "shelf": "nowhere"})
        assert await shop.names() == ["a"]

    @pytest.mark.parametrize("count", [2**63, -(2**70)])
    async def test_a_number_beyond_64_bits_is_refused_wherever_it_stands(self, shop: Shop, count: int) -> None:
        with pytest.raises(InvalidError, match="64 bits"):
            await shop.add("a", count=count)
        with pytest.raises(InvalidError, match="64 bits"):
            async with shop.database.reading() as tx:
                await tx.rows(select(shop.shelves).where(shop.shelves.c.count > count))
        await shop.add("b")
        assert await shop.names() == ["b"]

    async def test_a_text_that_is_none_is_refused_and_one_with_nul_kept_or_refused(self, shop: Shop) -> None:
        with pytest.raises(InvalidError, match="half of a surrogate pair"):
            await shop.add("a\ud800")
        try:
            await shop.add("a\0b")
        except InvalidError as error:
            assert "NUL" in str(error)  # noqa: PT017 - SQLite takes what PostgreSQL refuses
        await shop.add("c")
        assert "c" in await shop.names()

    async def test_the_number_of_touched_rows_is_told(self, shop: Shop) -> None:
        rows = [{"name": str(number), "count": number} for number in range(5)]
        async with shop.database.transaction() as tx:
            assert await tx.execute(insert(shop.shelves), rows) == 5
            assert await tx.execute(update(shop.shelves).where(shop.shelves.c.count > 2).values(open=True)) == 2
            assert await tx.execute(update(shop.shelves).where(shop.shelves.c.count > 9).values(open=True)) == 0
            assert await tx.execute(delete(shop.shelves)) == 5

    async def test_a_reader_neither_waits_for_a_writer_nor_sees_its_work(self, shop: Shop) -> None:
        async with shop.database.transaction() as tx:
            await tx.execute(insert(shop.shelves), {"name": "a"})
            assert await shop.names() == []
        assert await shop.names() == ["a"]

    async def test_a_reader_cannot_write(self, shop: Shop) -> None:
        with pytest.raises((TulouError, SQLAlchemyError)):
            async with shop.database.reading() as tx:
                await tx.execute(insert(shop.shelves), {"name": "a"})
        assert await shop.names() == []

    async def test_writers_that_come_together_all_get_their_turn(self, shop: Shop, reopen: Open) -> None:
        await shop.add("a")
        more = update(shop.shelves).values(count=shop.shelves.c.count + 1)

        async def add(database: Database) -> None:
            async with database.transaction() as tx:
                await tx.execute(more)

        async with reopen() as other, asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(add(shop.database))
                group.create_task(add(other))
        async with shop.database.reading() as tx:
            assert (await tx.rows(select(shop.shelves.c.count)))[0]["count"] == 40

    async def test_a_cancelled_unit_of_work_leaves_nothing_and_blocks_nobody(self, shop: Shop) -> None:
        for number in range(8):
            begun = asyncio.Event()

            async def work(name: str, begun: asyncio.Event = begun) -> None:
                async with shop.database.transaction() as tx:
                    await tx.execute(insert(shop.shelves), {"name": name})
                    begun.set()
                    await asyncio.Event().wait()

            task = asyncio.create_task(work(f"a{number}"))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await shop.add("b")
        assert await shop.names() == ["b"]

    async def test_wherever_a_unit_of_work_is_cancelled_it_is_kept_wholly_or_not_at_all(self, shop: Shop) -> None:
        for number in range(40):
            task = asyncio.create_task(shop.add(f"{number}-a", f"{number}-b"))
            for _ in range(number):
                await asyncio.sleep(0)
            await asyncio.sleep(number / 20_000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await shop.add("last")
        names = await shop.names()
        assert "last" in names
        assert {name[:-1] + "a" for name in names if "-b" in name} == {name for name in names if "-a" in name}

    async def test_the_callers_own_errors_pass_through(self, shop: Shop) -> None:
        for error in (TimeoutError("mine"), FileNotFoundError("mine"), ConflictError("mine")):
            with pytest.raises(type(error), match="mine") as caught:
                async with shop.database.transaction() as tx:
                    await tx.execute(insert(shop.shelves), {"name": "a"})
                    raise error
            assert caught.value is error
        assert await shop.names() == []

    async def test_many_readers_work_beside_each_other(self, shop: Shop) -> None:
        await shop.add("a")
        assert await asyncio.gather(*(shop.names() for _ in range(50))) == [["a"]] * 50

    async def test_migrating_twice_changes_nothing(self, shop: Shop) -> None:
        await shop.add("a")
        await shop.database.migrate([shop.revisions.package({"0001": SHELVES})])
        assert await shop.names() == ["a"]

    async def test_new_revisions_are_added_to_old_ones(self, shop: Shop) -> None:
        await shop.add("a")
        await shop.database.migrate([shop.revisions.package({"0001": SHELVES, "0002": LABELS})])
        labels = Table(f"{shop.revisions.service}_labels", MetaData(), Column("name", String(64)))
        async with shop.database.reading() as tx:
            assert (await tx.rows(select(func.count().label("n")).select_from(labels)))[0]["n"] == 0
        assert await shop.names() == ["a"]

    async def test_two_that_migrate_together_do_not_collide(
        self, database: Database, reopen: Open, revisions: Revisions
    ) -> None:
        package = revisions.package({"0001": SHELVES, "0002": LABELS})
        async with reopen() as other:
            await asyncio.gather(database.migrate([package]), other.migrate([package]))
        assert await Shop(database, revisions).names() == []

    async def test_tables_newer_than_the_code_are_refused(self, shop: Shop) -> None:
        await shop.database.migrate([shop.revisions.package({"0001": SHELVES, "0002": LABELS})])
        with pytest.raises(ConflictError, match="newer"):
            await shop.database.migrate([shop.revisions.package({"0001": SHELVES})])

    async def test_a_revision_that_fails_leaves_everything_as_it_was(self, shop: Shop) -> None:
        await shop.add("a")
        with pytest.raises(ValueError, match="broken"):
            await shop.database.migrate([shop.revisions.package({"0001": SHELVES, "0002": LABELS, "0003": BROKEN})])
        await shop.database.migrate([shop.revisions.package({"0001": SHELVES, "0002": LABELS})])
        assert await shop.names() == ["a"]

    async def test_tables_of_unknown_origin_are_refused(self, shop: Shop) -> None:
        recorded = Table(f"{shop.revisions.service}_migrations", MetaData())
        async with shop.database.transaction() as tx:
            await tx.execute(delete(recorded))
        with pytest.raises(ConflictError, match="half done"):
            await shop.database.migrate([shop.revisions.package({"0001": SHELVES})])

    async def test_revisions_that_fork_are_refused(self, database: Database, revisions: Revisions) -> None:
        package = revisions.package({"0001": SHELVES, "0002": LABELS, "0003": LABELS}, before={"0003": "0001"})
        with pytest.raises(InvalidError, match="one line"):
            await database.migrate([package])

    async def test_a_package_that_is_not_there_is_named(self, database: Database) -> None:
        with pytest.raises(InvalidError, match="tulou_nowhere"):
            await database.migrate(["tulou_nowhere.shop.migrations"])
