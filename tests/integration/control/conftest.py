"""A small house whose database is PostgreSQL."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tulou.adapters.sql.postgres import open_postgres
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.kernel.ids import new_id
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.servers.postgres import PostgresServer

SERVICES = ("identity", "jobs", "metering", "registry")


@asynccontextmanager
async def open_on(postgres: PostgresServer, *migrations: str) -> AsyncGenerator[SmallHouse]:
    """Open a house in a new database with the outbox and the tables of these migrations packages."""
    url = postgres.new_database(new_id("test"))
    async with open_house() as small, open_postgres(url) as database:
        await database.migrate([MIGRATIONS, *migrations])
        yield replace(small, database=database, outbox=Outbox(database, clock=small.clock))


@pytest.fixture
async def house(postgres: PostgresServer) -> AsyncGenerator[SmallHouse]:
    async with open_on(postgres, *(f"tulou.services.{name}.migrations" for name in SERVICES)) as small:
        yield small
