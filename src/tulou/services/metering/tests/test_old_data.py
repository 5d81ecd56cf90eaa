"""A ledger from before models were noted: its sums stay, and are priced anew only when somebody says so."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.contracts.metering.messages import IngestEntries, Price, PutPrices, Recompute, UsageQuery
from tulou.services.metering.tests.ledgers import Ledger, entry_at, run_of
from tulou.testing.clock import START, ManualClock

VERSIONS = "tulou.services.metering.migrations.versions"
AT = START - 7_200
HOUR, DAY = (AT - AT % size for size in (3_600, 86_400))
ENTRY = "INSERT INTO metering_entries VALUES (:at, :id, 't', 7, 200, 1, '', 10,5,0,0,0,0,0,0,0,0,0, :cost, 1, :rest)"
SUMS = {
    "INSERT INTO metering_hours VALUES (:start, 't', 7, 2, 0, 0, 20,10,0,0,0,0,0,0,0,0,0, 70)": HOUR,
    "INSERT INTO metering_days VALUES (:start, 't', 7, 2, 0, 0, 20,10,0,0,0,0,0,0,0,0,0, 70)": DAY,
}
REST = '{"request_id":"r","model":"assistant","deployment":"gpt","replica":"x","counted":"reported"}'


def make_old(file: Path) -> None:
    """Write a database as the version before this one left it, with one entry that cost nothing and one of 70."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            for name in ("0001_ledger", "0002_quarantine"):
                import_module(f"{VERSIONS}.{name}").upgrade()
        connection.execute(text("CREATE TABLE metering_migrations (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO metering_migrations VALUES ('0002')"))
        connection.execute(
            text(
                "INSERT INTO metering_dimensions VALUES (7,'t','p','u','k','assistant','assistant','openai','chat','')"
            )
        )
        for number, cost in enumerate((0, 70)):
            entry = {"at": AT + number, "id": f"old_{number}", "cost": cost, "rest": REST}
            connection.execute(text(ENTRY), entry)
        for statement, start in SUMS.items():
            connection.execute(text(statement), {"start": int(start)})
    engine.dispose()


@asynccontextmanager
async def old_house(file: Path) -> AsyncGenerator[Ledger]:
    make_old(file)
    clock = ManualClock()
    async with open_sqlite(f"sqlite:///{file}") as database:
        await database.migrate([MIGRATIONS, "tulou.services.metering.migrations"])
        yield Ledger(database, Outbox(database, clock=clock), clock)


async def summed(ledger: Ledger) -> int:
    query = UsageQuery(start=AT - 3_600, end=START, bucket="hour", limit=10)
    return sum(row.cost for row in (await ledger.reporting.usage(query)).rows)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncGenerator[Ledger]:
    async with old_house(tmp_path / "old.db") as opened:
        yield opened


async def test_old_entries_keep_their_sums_whatever_becomes_of_prices(ledger: Ledger) -> None:
    assert await summed(ledger) == 70
    await ledger.pricing.put(PutPrices(items=(Price(model="gpt", input=3.0), Price(model="assistant", input=1.0))))
    assert await summed(ledger) == 70
    old = await ledger.everything()
    assert [(entry.cost, entry.upstream_model, entry.priced_by) for entry in old] == [(0, "", ""), (70, "", "")]


async def test_recomputing_prices_old_entries_by_the_names_that_they_have(ledger: Ledger) -> None:
    await ledger.pricing.put(PutPrices(items=(Price(model="gpt", input=3.0), Price(model="gpt-4o", input=9.0))))
    await ledger.recomputing.run(run_of(Recompute(start=AT - 60, end=START)))
    assert await summed(ledger) == 2 * 30
    assert [(entry.cost, entry.priced_by) for entry in await ledger.everything()] == [(30, "deployment")] * 2


async def test_new_entries_go_beside_old_ones(ledger: Ledger) -> None:
    new = entry_at(1, AT, Random(1))  # noqa: S311 - a test's dice
    await ledger.intake.ingest(IngestEntries.of("g", [new]))
    assert await summed(ledger) == 70 + new.cost
