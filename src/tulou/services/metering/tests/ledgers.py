"""A ledger in a database that may crash at either side of a commit, and what must always be true of it."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from tulou.chassis.outbox import Outbox
from tulou.contracts.jobs.messages import Job
from tulou.contracts.metering.messages import Entry, ListEntries, Recompute, Units
from tulou.kernel.clock import Clock
from tulou.kernel.errors import UnavailableError
from tulou.ports.database import Database, Transaction
from tulou.services.metering.counters import MeteringCounters
from tulou.services.metering.domain.spans import GRAINS, Grain, begins
from tulou.services.metering.domain.sums import DIMENSIONS, SUMS, Sums, dims_of, sums_of
from tulou.services.metering.intake import EntryIntake
from tulou.services.metering.pricing import Pricing
from tulou.services.metering.quarantine import Quarantine
from tulou.services.metering.recomputing import RecomputeJob
from tulou.services.metering.reporting import Reporting
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.store.tables import NUMBERS, ROLLUPS


def entry_at(number: int, at: float, random: Random) -> Entry:
    """Return an entry as gateways write them: served, refused, failed over, left by its client."""
    status = random.choice((200, 200, 200, 404, 429, 499, 502))
    refused = status == 429
    return Entry(
        id=f"entry_{number:08}",
        at=at,
        request_id=f"req_{number}",
        tenant=random.choice(("red", "blue")),
        project="web",
        principal=random.choice(("ada", "bob")),
        key=f"key_{random.randrange(4)}",
        endpoint="chat",
        model=random.choice(("demo", "gpt")),
        status=status,
        served_by="" if refused or status == 404 else "gpt-4o",
        provider="openai",
        units=Units() if refused else Units(input=random.randrange(10_000), output=random.randrange(1_000)),
        counted="none" if refused else "reported",
        cost=0 if refused else random.randrange(10_000),
        price=1,
        refused_by="limit" if refused else "",
        batch=random.random() < 0.2,
        final=random.random() < 0.8,
    )


@dataclass
class CrashingDatabase:
    """Loses units of work before they are committed, and the word of those that were; as `chance` has it."""

    inner: Database
    chance: Callable[[], float] = lambda: 1.0
    risk: float = 0.2

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        return self.inner.reading()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        async with self.inner.transaction() as tx:
            yield tx
            if self.chance() < self.risk:
                raise UnavailableError("lost before the commit")
        if self.chance() < self.risk:
            raise UnavailableError("lost after the commit")

    async def migrate(self, packages: Sequence[str]) -> None:
        await self.inner.migrate(packages)

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Run:
    """A job that outlives its runners."""

    job: Job
    steps: dict[str, str] = field(default_factory=dict[str, str])

    def progress(self, share: float, note: str = "") -> None:
        assert 0 <= share <= 1, note

    def step(self, name: str) -> str | None:
        return self.steps.get(name)

    async def record(self, name: str, value: str = "null") -> None:
        self.steps[name] = value


def run_of(request: Recompute) -> Run:
    """Return the job that a recomputation is asked for with."""
    job = Job(
        id="job_1",
        kind="metering.recompute",
        payload=msgspec.json.encode(request).decode(),
        state="running",
        attempt=1,
        attempts=9,
        progress=0.0,
        note="",
        result="null",
        error="",
        created_at=0.0,
        started_at=None,
        finished_at=None,
    )
    return Run(job)


@dataclass
class Ledger:
    """The parts of metering on one database."""

    database: Database
    outbox: Outbox
    clock: Clock
    settings: MeteringSettings = field(default_factory=MeteringSettings)

    def __post_init__(self) -> None:
        self.registry = CollectorRegistry()
        self.counters = MeteringCounters(self.registry)
        self.pricing = Pricing(self.database, self.outbox, self.settings)
        self.reporting = Reporting(self.database, clock=self.clock, settings=self.settings)
        self.recomputing = RecomputeJob(self.database, self.pricing, clock=self.clock, settings=self.settings)
        self.intake = self.new_intake()
        self.quarantine = self.new_quarantine()

    def new_intake(self) -> EntryIntake:
        """Return an intake that remembers nothing, as that of a process that has just started."""
        return EntryIntake(self.database, self.outbox, clock=self.clock, settings=self.settings, counters=self.counters)

    def new_quarantine(self) -> Quarantine:
        """Return what another process would take entries out of quarantine with."""
        return Quarantine(self.database, self.new_intake(), clock=self.clock, counters=self.counters)

    async def everything(self) -> list[Entry]:
        """Return all raw entries, the oldest first."""
        found: list[Entry] = []
        request = ListEntries(limit=1000)
        while True:
            page = await self.reporting.entries(request)
            found += page.items
            if page.next is None:
                return found[::-1]
            request = replace(request, after=page.next)

    async def sums(self, grain: Grain) -> dict[tuple[object, ...], Sums]:
        """Return what a roll-up says, by its beginning and dimensions."""
        table = ROLLUPS[grain]
        query = select(table, *(NUMBERS.c[name].label(f"d_{name}") for name in DIMENSIONS)).join_from(
            table, NUMBERS, NUMBERS.c.id == table.c.dim
        )
        async with self.database.reading() as tx:
            rows = await tx.rows(query)
        assert all(row["tenant"] == row["d_tenant"] for row in rows)
        return {
            (row["start"], *(row[f"d_{name}"] for name in DIMENSIONS)): tuple(row[name] for name in SUMS)
            for row in rows
        }


def summed(entries: Sequence[Entry], grain: Grain) -> dict[tuple[object, ...], Sums]:
    """Return what a roll-up of these entries must say."""
    begin = begins(grain)
    total: dict[tuple[object, ...], Counter[int]] = {}
    for entry in entries:
        place = (begin(int(entry.at)), *dims_of(entry))
        total.setdefault(place, Counter()).update(dict(enumerate(sums_of(entry))))
    return {place: tuple(counts[index] for index in range(len(SUMS))) for place, counts in total.items()}


async def check(ledger: Ledger, expected: Sequence[Entry]) -> None:
    """Assert that every entry is there exactly once, and that all sums are those of the entries."""
    there = await ledger.everything()
    assert sorted(entry.id for entry in there) == sorted(entry.id for entry in expected)
    for grain in GRAINS:
        assert await ledger.sums(grain) == summed(there, grain)
