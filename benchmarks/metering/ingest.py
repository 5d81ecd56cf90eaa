"""How fast is the ledger? Writing an entry, pricing it, and ingesting batches on SQLite and PostgreSQL.

`python -m benchmarks.metering.ingest [--entries 50000]`. Times are of the clock and, where this process does the work
alone, of the processor, since others may be busy meanwhile.
"""

import argparse
import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry

from tulou.adapters.sql.postgres import open_postgres
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.contracts.metering.messages import Entry, IngestEntries, Price, PriceList, Units
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import as_house
from tulou.ports.database import Database
from tulou.rules.metering.book import PriceBook
from tulou.services.gateway.ledger import LedgerCounters, LedgerSettings, LedgerWriter, encode
from tulou.services.metering.component import COMPONENT
from tulou.services.metering.counters import MeteringCounters
from tulou.services.metering.intake import EntryIntake
from tulou.services.metering.settings import MeteringSettings
from tulou.testing.servers.postgres import postgres_server

BATCH = 500
KEYS = 200
MODELS = 5


def made(count: int) -> list[Entry]:
    """Return entries of the last minutes, of many keys and a few models."""
    dice = random.Random(1)  # noqa: S311 - dice
    now = time.time()
    first = Entry(
        id="",
        at=now,
        request_id="req_01",
        tenant="default",
        project="default",
        principal="ada",
        key="",
        endpoint="chat",
        model="",
        status=200,
        served_by="demo",
        deployment="demo",
        replica="demo-1",
        provider="tulou",
        took_ms=812.5,
        units=Units(input=812, output=120),
        counted="reported",
        cost=1_234,
        price=3,
    )
    return [
        replace(
            first,
            id=f"entry_{number:026}",
            at=now - 300 + number * 300 / count,
            key=f"key_{dice.randrange(KEYS)}",
            model=f"model-{dice.randrange(MODELS)}",
        )
        for number in range(count)
    ]


def write_all(folder: Path, entries: Sequence[Entry]) -> None:
    """Write entries as a gateway does."""
    writer = LedgerWriter(
        folder, process="gateway-0", counters=LedgerCounters(CollectorRegistry()), settings=LedgerSettings()
    )
    took: list[float] = []
    used = time.process_time()
    for entry in entries:
        began = time.perf_counter()
        writer.write(encode(entry))
        took.append((time.perf_counter() - began) * 1e6)
    used = (time.process_time() - used) / len(entries) * 1e6
    writer.close()
    took.sort()
    middle, high = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"write an entry   median {middle:6.1f} us   99 % {high:6.1f} us   processor {used:6.1f} us", flush=True)


def price_all(entries: Sequence[Entry]) -> None:
    """Price entries with a book as large as a vendor's list."""
    prices = (Price(model=f"other-{number}", input=1.0) for number in range(2_500))
    book = PriceBook.compile(PriceList(items=(*prices, Price(model="de*", input=2.5, output=10.0)), version=1))
    used = time.process_time()
    for entry in entries:
        book.cost(entry.units, served_by=entry.served_by, provider=entry.provider, at=entry.at)
    used = (time.process_time() - used) / len(entries) * 1e6
    print(f"price an entry   processor {used:6.2f} us", flush=True)


async def ingest_all(name: str, database: Database, entries: Sequence[Entry]) -> None:
    """Ingest batch after batch, then all of it once more, as after a lost mark."""
    await database.migrate([MIGRATIONS, COMPONENT.migrations])
    clock = SystemClock()
    counters = MeteringCounters(CollectorRegistry())
    intake = EntryIntake(
        database, Outbox(database, clock=clock), clock=clock, settings=MeteringSettings(), counters=counters
    )
    for what in ("new", "known"):
        began, used = time.perf_counter(), time.process_time()
        for place in range(0, len(entries), BATCH):
            await intake.ingest(IngestEntries.of("g", entries[place : place + BATCH]))
        took, used = time.perf_counter() - began, time.process_time() - used
        each = used / len(entries) * 1e6
        print(f"{name:11} {what:5}  {len(entries) / took:9,.0f} entries/s   processor {each:6.1f} us each", flush=True)


@asynccontextmanager
async def databases(folder: Path) -> AsyncGenerator[dict[str, Database]]:
    """Open one of each kind."""
    with postgres_server() as server:
        url = server.new_database("ingest")
        async with open_sqlite(f"sqlite:///{folder}/ledger.db") as small, open_postgres(url) as large:
            yield {"SQLite": small, "PostgreSQL": large}


async def measure(count: int) -> None:
    """Measure all of it."""
    entries = made(count)
    with TemporaryDirectory(prefix="tulou-ingest-") as name:
        write_all(Path(name) / "ledger", entries)
        price_all(entries)
        async with databases(Path(name)) as opened:
            for kind, database in opened.items():
                await ingest_all(kind, database, entries)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=50_000)
    with as_house("a measurement"):
        asyncio.run(measure(parser.parse_args().entries))


if __name__ == "__main__":
    main()
