"""How long do reports take over very many entries? Generates a ledger, and asks what people ask.

`python -m benchmarks.metering.rollups [--rows 100000000] [--only sqlite|postgres] [--folder FOLDER]`. Ninety days,
fifty tenants, two thousand keys, four models a key, a few of them far busier than the rest. Entries are made by the
database itself, and their sums as ingest would have made them: the ledger's own tests show that both are the same.
Reports go through the service, as the console's do. Everything is deleted at the end.
"""

import argparse
import asyncio
import sqlite3
import subprocess
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import text

from tulou.adapters.sql.postgres import open_postgres
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.contracts.metering.messages import Dimension, ListEntries, UsageQuery
from tulou.kernel.context import as_house
from tulou.ports.database import Database
from tulou.services.metering.component import COMPONENT
from tulou.services.metering.domain.spans import MINUTES_KEPT_S, months
from tulou.services.metering.domain.sums import DAY, DIMENSIONS, HOUR, MINUTE, SUMS, UNITS, number_of
from tulou.services.metering.reporting import Reporting
from tulou.services.metering.settings import MeteringSettings
from tulou.testing.clock import ManualClock
from tulou.testing.servers.postgres import postgres_server

END = 1_800_000_000 // DAY * DAY
DAYS = 90
BEGIN = END - DAYS * DAY
TENANTS, KEYS, MODELS, MODELS_A_KEY = 50, 2_000, 12, 4
TIMES = 7
NONE = ", ".join("0" for _ in UNITS[2:])
NUMBERS = {
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT {0} UNION ALL SELECT n + 1 FROM c WHERE n < {1}) SELECT n FROM c)",
    "postgresql": "(SELECT n FROM generate_series({0}::bigint, {1}::bigint) AS n)",
}
DROP_INDEX = "DROP INDEX metering_entries_tenant"
MAKE_INDEX = "CREATE INDEX metering_entries_tenant ON metering_entries (tenant, at, id)"
MAKE_PLACES = "CREATE TEMPORARY TABLE places (place INTEGER PRIMARY KEY, id BIGINT, tenant TEXT)"

Place = tuple[int, int, str]
Values = tuple[int | str, ...]
Filters = tuple[tuple[Dimension, str], ...]


def dimensions() -> tuple[list[Place], list[Values]]:
    """Return a place for each key and model, and the rows of their dimensions."""
    places: list[Place] = []
    rows: list[Values] = []
    for key in range(KEYS):
        for nth in range(MODELS_A_KEY):
            tenant, model = f"tenant-{key % TENANTS:02}", f"model-{(key + nth * 5) % MODELS:02}"
            who = (tenant, f"project-{key % 400:03}", f"user-{key % 900:03}", f"key_{key:04}")
            values = (*who, model, model, "tulou", "chat", "")
            number = number_of(values, 0)
            places.append((len(places), number, tenant))
            rows.append((number, *values))
    return places, rows


def entries_of(day: int, rows: int, numbers: str) -> str:
    """Return the statement that makes one day's entries; the cube makes few keys busy and most of them quiet."""
    each = rows // DAYS
    first = day * each
    chance = "((s.n * 2654435761) % 4294967296) / 4294967296.0"
    columns = ", ".join(UNITS)
    return f"""
        INSERT INTO metering_entries (at, id, tenant, dim, status, final, refused_by, {columns}, cost, price, rest)
        SELECT {BEGIN + day * DAY} + (s.n - {first}) * {DAY / each!r}, 'e' || s.n, d.tenant, d.id, 200, TRUE, '',
               s.n % 2000, s.n % 300, {NONE}, s.n % 5000, 1, '{{}}'
        FROM {numbers.format(first, first + each - 1)} AS s
        JOIN places AS d ON d.place = CAST({chance} * {chance} * {chance} * {KEYS * MODELS_A_KEY - 1} AS INTEGER)
    """  # noqa: S608 - numbers of our own


def sums_of(table: str, grain: int, begin: int, end: int) -> str:
    """Return the statement that adds up entries, as ingest does one by one."""
    at = "CAST(at - 0.5 AS BIGINT)"  # PostgreSQL rounds where SQLite cuts; either is in the same minute, or nearly
    units = ", ".join(f"SUM({unit})" for unit in UNITS)
    return f"""
        INSERT INTO {table} (start, tenant, dim, {", ".join(SUMS)})
        SELECT {at} - {at} % {grain}, tenant, dim, COUNT(*), 0, 0, {units}, SUM(cost)
        FROM metering_entries WHERE at >= {begin} AND at < {end} GROUP BY 1, 2, 3
        ON CONFLICT (start, tenant, dim) DO NOTHING
    """  # noqa: S608 - names and numbers of our own


def months_of(month: int) -> str:
    """Return the statement that adds up the days of a month."""
    sums = ", ".join(f"SUM({name})" for name in SUMS)
    following = next(later for later in months(month, month + 40 * DAY) if later > month)
    return f"""
        INSERT INTO metering_months (start, tenant, dim, {", ".join(SUMS)})
        SELECT {month}, tenant, dim, {sums} FROM metering_days WHERE start >= {month} AND start < {following}
        GROUP BY tenant, dim
    """  # noqa: S608 - names and numbers of our own


def statements(rows: int, dialect: str) -> list[str]:
    """Return all that fills the tables, day by day."""
    made: list[str] = []
    for day in range(DAYS):
        begin = BEGIN + day * DAY
        made.append(entries_of(day, rows, NUMBERS[dialect]))
        made += [
            sums_of(name, grain, begin, begin + DAY)
            for name, grain in (("metering_hours", HOUR), ("metering_days", DAY))
        ]
    made += [months_of(month) for month in months(BEGIN, END)]
    return [*made, sums_of("metering_minutes", MINUTE, END - int(MINUTES_KEPT_S), END), MAKE_INDEX]


def fill_sqlite(file: Path, rows: int) -> None:
    """Fill a file, without waiting for the disk, since it is thrown away."""
    places, values = dimensions()
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(DROP_INDEX)
    connection.execute(MAKE_PLACES)
    connection.executemany("INSERT INTO places VALUES (?, ?, ?)", places)
    marks = ", ".join("?" for _ in range(len(DIMENSIONS) + 1))
    connection.executemany(f"INSERT INTO metering_dimensions VALUES ({marks})", values)  # noqa: S608 - marks alone
    for statement in statements(rows, "sqlite"):
        connection.execute(statement)
    connection.close()


def fill_postgres(url: str, rows: int) -> None:
    """Fill a database; statistics and the map of what is visible come with it, as autovacuum brings them."""
    places, values = dimensions()
    script = [
        "SET synchronous_commit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB';",
        f"{DROP_INDEX}; {MAKE_PLACES};",
        *_copied("places", places),
        *_copied("metering_dimensions", values),
        "ANALYZE places;",
        *(f"{statement};" for statement in statements(rows, "postgresql")),
        "VACUUM ANALYZE;",
    ]
    command = ["psql", "-q", "-v", "ON_ERROR_STOP=1", url]
    subprocess.run(command, input="\n".join(script), text=True, check=True)


def _copied(table: str, rows: Sequence[Values]) -> list[str]:
    lines = ("\t".join(map(str, row)) for row in rows)
    return [f"COPY {table} FROM STDIN;", *lines, "\\."]


def questions() -> dict[str, UsageQuery | ListEntries]:
    """Return what people ask: most spans end at any time of a day, so that hours at the edges are needed too."""
    end = END - 5 * HOUR
    tenant: Filters = (("tenant", "tenant-07"),)
    month = end - 30 * DAY
    return {
        "a tenant's month by day": UsageQuery(start=month, end=end, bucket="day", filters=tenant),
        "a tenant's month by day and key": UsageQuery(
            start=month, end=end, bucket="day", group_by=("key",), filters=tenant
        ),
        "the house's month by model": UsageQuery(start=month, end=end, bucket="all", group_by=("model",)),
        "the house's month by day": UsageQuery(start=month, end=end, bucket="day"),
        "90 days by month and tenant": UsageQuery(start=BEGIN, end=END, bucket="month", group_by=("tenant",)),
        "a key's last day by hour": UsageQuery(
            start=end - DAY, end=end, bucket="hour", filters=(*tenant, ("key", "key_0007"))
        ),
        "the house's last hour by minute": UsageQuery(start=END - HOUR, end=END, bucket="minute"),
        "a page of a tenant's entries": ListEntries(filters=tenant),
        "a page of the house's entries": ListEntries(),
    }


async def measure(database: Database) -> None:
    """Ask everything, and print the first and the median time in milliseconds.

    With them goes the processor time of this process, which is all there is of SQLite: others may be busy meanwhile.
    """
    reporting = Reporting(database, clock=ManualClock(float(END)), settings=MeteringSettings())
    for name, question in questions().items():
        took: list[float] = []
        busy: list[float] = []
        count = 0
        for _ in range(TIMES):
            began, used = time.perf_counter(), time.process_time()
            if isinstance(question, ListEntries):
                count = len((await reporting.entries(question)).items)
            else:
                count = len((await reporting.usage(question)).rows)
            took.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - used) * 1000)
        figures = f"first {took[0]:9.1f} ms   median {median(took):9.1f} ms   of it here {median(busy):9.1f} ms"
        print(f"{name:34} {count:6} rows   {figures}", flush=True)


async def over_sqlite(folder: Path, rows: int) -> None:
    """Do it on SQLite."""
    file = folder / "ledger.db"
    url = f"sqlite:///{file}"
    async with open_sqlite(url) as database:
        await database.migrate([COMPONENT.migrations])
    await asyncio.to_thread(fill_sqlite, file, rows)
    print(f"{file.stat().st_size / 1e9:.1f} GB", flush=True)
    async with open_sqlite(url) as database:
        await measure(database)


async def over_postgres(rows: int) -> None:
    """Do it on PostgreSQL."""
    with postgres_server() as server:
        url = server.new_database("rollups")
        async with open_postgres(url) as database:
            await database.migrate([COMPONENT.migrations])
        await asyncio.to_thread(fill_postgres, url, rows)
        async with open_postgres(url) as database, database.reading() as tx:
            (size,) = await tx.rows(text("SELECT pg_database_size(current_database()) AS bytes"))
        print(f"{size['bytes'] / 1e9:.1f} GB", flush=True)
        async with open_postgres(url) as database:
            await measure(database)


def main() -> None:
    """Generate and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    parser.add_argument("--folder", type=Path, default=None, help="where there is room for the data")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="tulou-rollups-", dir=options.folder) as name:
        if options.only != "postgres":
            _told("SQLite", options.rows, over_sqlite(Path(name), options.rows))
    if options.only != "sqlite":
        _told("PostgreSQL", options.rows, over_postgres(options.rows))


def _told(kind: str, rows: int, work: Coroutine[None, None, None]) -> None:
    began = time.monotonic()
    print(f"{kind}, {rows:,} entries", flush=True)
    with as_house("a measurement"):
        asyncio.run(work)
    print(f"done in {time.monotonic() - began:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()
