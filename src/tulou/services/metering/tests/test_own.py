"""What nothing prices is told of vendors, another house among them, and not of what the house serves itself."""

from importlib import import_module
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.contracts.metering.messages import Entry, IngestEntries, Recompute, Units, UsageQuery
from tulou.services.metering.tests.ledgers import Ledger, run_of
from tulou.testing.clock import START, ManualClock

VERSIONS = "tulou.services.metering.migrations.versions"
BEFORE = ("0001_ledger", "0002_quarantine", "0003_answerers", "0004_denied")
ZERO = [
    "refused",
    "failed",
    "cached",
    "cache_written",
    "reasoning",
    "audio_input",
    "audio_output",
    "images",
    "searches",
    "characters",
    "seconds",
    "cost",
]
DIMENSIONS = "INSERT INTO metering_dimensions VALUES (:dim,'t','p','u','k','m','m',:provider,'chat','','m')"
SUMS = ("start", "dim", "tenant", "requests", "unpriced", "unpriced_tokens", "input", "output", *ZERO)
SUMMED = ":start, :dim, 't', 2, 2, 30, 20, 10" + ", 0" * len(ZERO)
AT = START - 7_200
DAY = int(AT - AT % 86_400)
KINDS = [("tulou", True, 0), ("tulou", False, 1), ("tulou", None, 0), ("ollama", None, 1)]


def entry(provider: str, *, own: bool | None) -> Entry:
    return Entry(
        id="entry",
        at=AT,
        request_id="r",
        tenant="t",
        project="p",
        principal="u",
        key="k",
        endpoint="chat",
        model="qwen",
        status=200,
        served_by="qwen",
        provider=provider,
        units=Units(input=10, output=5),
        counted="reported",
        upstream_model="qwen3",
        priced_by="none",
        own=own,
    )


async def unpriced(ledger: Ledger) -> dict[str, tuple[int, int]]:
    """Return how many attempts nothing prices, and their tokens, by provider."""
    query = UsageQuery(start=AT - 86_400, end=START, bucket="all", group_by=("provider",), limit=10)
    return {row.group[0]: (row.unpriced, row.unpriced_tokens) for row in (await ledger.reporting.usage(query)).rows}


@pytest.mark.parametrize(("provider", "own", "count"), KINDS)
async def test_what_nothing_prices_is_counted_of_vendors_and_of_other_houses(
    ledger: Ledger, provider: str, count: int, *, own: bool | None
) -> None:
    made = entry(provider, own=own)
    await ledger.intake.ingest(IngestEntries.of("g", [made]))
    assert await unpriced(ledger) == {provider: (count, 15 * count)}
    assert ledger.registry.get_sample_value("tulou_metering_unpriced_total") == count
    assert await ledger.everything() == [made]
    await ledger.recomputing.run(run_of(Recompute(start=AT - 60, end=START)))
    assert await unpriced(ledger) == {provider: (count, 15 * count)}
    assert await ledger.everything() == [made]


async def test_sums_from_before_tell_no_more_of_what_the_house_served_itself(tmp_path: Path) -> None:
    make_old(tmp_path / "old.db")
    clock = ManualClock()
    async with open_sqlite(f"sqlite:///{tmp_path / 'old.db'}") as database:
        await database.migrate([MIGRATIONS, "tulou.services.metering.migrations"])
        ledger = Ledger(database, Outbox(database, clock=clock), clock)
        assert await unpriced(ledger) == {"tulou": (0, 0), "ollama": (2, 30)}


def make_old(file: Path) -> None:
    """Write a database as the version before left it: two attempts that nothing prices, own and a vendor's."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            for name in BEFORE:
                import_module(f"{VERSIONS}.{name}").upgrade()
        connection.execute(text("CREATE TABLE metering_migrations (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO metering_migrations VALUES ('0004')"))
        for number, provider in enumerate(("tulou", "ollama")):
            row = {"dim": number, "provider": provider, "start": DAY}
            connection.execute(text(DIMENSIONS), row)
            for table in ("metering_hours", "metering_days"):
                connection.execute(text(f"INSERT INTO {table} ({', '.join(SUMS)}) VALUES ({SUMMED})"), row)  # noqa: S608
    engine.dispose()
