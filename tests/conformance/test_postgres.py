"""PostgreSQL against the database suite, and what is particular to a server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager

import pytest

from tulou.adapters.sql.postgres import open_postgres
from tulou.kernel.errors import TulouError, UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database
from tulou.testing.conformance.database import DatabaseSuite, Open, Shop
from tulou.testing.eventually import eventually
from tulou.testing.servers.postgres import PostgresServer


class TestPostgres(DatabaseSuite):
    @pytest.fixture
    def url(self, postgres: PostgresServer) -> str:
        return postgres.new_database(new_id("house"))

    @pytest.fixture
    async def database(self, url: str) -> AsyncGenerator[Database]:
        async with open_postgres(url) as database:
            yield database

    @pytest.fixture
    def reopen(self, url: str) -> Open:
        def again() -> AbstractAsyncContextManager[Database]:
            return open_postgres(url)

        return again

    async def test_a_server_that_crashed_is_found_again_with_all_that_was_committed(
        self, shop: Shop, postgres: PostgresServer
    ) -> None:
        await shop.add("a")
        await asyncio.to_thread(postgres.crash)
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
            await shop.names()
        with pytest.raises(UnavailableError, match="running"):
            await shop.add("b")
        await asyncio.to_thread(postgres.start)

        async def back() -> bool:
            try:
                await shop.add("c")
            except UnavailableError:
                return False
            return True

        await eventually(back)
        assert await shop.names() == ["a", "c"]

    async def test_a_unit_of_work_cut_off_by_a_crash_says_so(self, shop: Shop, postgres: PostgresServer) -> None:
        with pytest.raises(UnavailableError, match="try again"):
            await _cut_off(shop, postgres)
        assert await shop.names() == []

    async def test_a_url_may_be_written_as_libpq_has_it(self, url: str) -> None:
        async with open_postgres(url.replace("postgresql://", "postgres://") + "?sslmode=disable") as database:
            await database.migrate([])

    async def test_a_password_is_never_shown(self) -> None:
        async with open_postgres("postgresql://me:hidden@127.0.0.1:1/house") as database:
            with pytest.raises(UnavailableError, match="127") as caught:
                await database.migrate([])
        assert "hidden" not in str(caught.value)

    async def test_a_database_that_is_not_there_is_named(self, postgres: PostgresServer) -> None:
        with pytest.raises(TulouError, match="nowhere"):
            async with open_postgres(postgres.url.removesuffix("postgres") + "nowhere") as database:
                await database.migrate([])


async def _cut_off(shop: Shop, postgres: PostgresServer) -> None:
    async with shop.database.transaction() as tx:
        await tx.execute(shop.shelves.insert(), {"name": "a"})
        await asyncio.to_thread(postgres.crash)
        await asyncio.to_thread(postgres.start)
        await tx.execute(shop.shelves.insert(), {"name": "b"})
