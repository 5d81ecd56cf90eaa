"""The outbox over SQLite and PostgreSQL: nothing committed is lost, nothing rolled back is told, order is kept."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.conformance.killed import killed
from tulou.adapters.sql.postgres import open_postgres
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.chassis.outbox.outbox import BATCH, LEASE_S
from tulou.chassis.outbox.tables import FACTS
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import CONTEXT, NOBODY, Context, KeyActor, acting
from tulou.kernel.errors import ForbiddenError, UnavailableError
from tulou.kernel.ids import new_id
from tulou.kernel.message import message
from tulou.ports.database import Database
from tulou.ports.events import Delivery, Fact
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually
from tulou.testing.servers.postgres import PostgresServer

Open = Callable[[], AbstractAsyncContextManager[Database]]


@message
class Sold:
    """Something was sold."""

    number: int


class Record:
    """A bus that writes down what it is given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.facts: list[Fact] = []
        self._failures = failures

    @property
    def bodies(self) -> list[str]:
        return [fact.body for fact in self.facts]

    async def publish(self, facts: Sequence[Fact]) -> None:
        if self._failures:
            self._failures -= 1
            raise UnavailableError("the bus is away")
        self.facts += facts

    def subscribe(self, topics: Sequence[str], *, group: str) -> AbstractAsyncContextManager[Delivery]:
        raise NotImplementedError

    async def close(self) -> None:
        pass


@pytest.fixture(params=["sqlite", "postgresql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "sqlite":
        return lambda: open_sqlite(f"sqlite:///{tmp_path}/tulou.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database(new_id("house"))
    return lambda: open_postgres(url)


@pytest.fixture
async def database(reopen: Open) -> AsyncGenerator[Database]:
    async with reopen() as database:
        await database.migrate([MIGRATIONS])
        yield database


async def sell(database: Database, outbox: Outbox, *numbers: int) -> None:
    async with database.transaction() as tx:
        for number in numbers:
            await outbox.add(tx, "shop.sold", Sold(number=number), tenant="t")


@asynccontextmanager
async def relaying(outbox: Outbox, bus: Record) -> AsyncGenerator[None]:
    task = asyncio.create_task(outbox.relay(bus))  # pyright: ignore[reportArgumentType] - nobody subscribes to it
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def bodies(count: int) -> list[str]:
    return [f'{{"number":{number}}}' for number in range(count)]


async def test_a_committed_fact_is_published_whole(database: Database) -> None:
    outbox, bus = Outbox(database, clock=ManualClock(5.0)), Record()
    async with relaying(outbox, bus):
        await sell(database, outbox, 7)
        await eventually(lambda: bus.facts)
    [fact] = bus.facts
    actor = CONTEXT.get().actor
    assert fact == Fact(id=fact.id, topic="shop.sold", at=5.0, tenant="t", body='{"number":7}', actor=actor)


async def test_a_fact_says_who_caused_it_and_nobody_causes_one(database: Database) -> None:
    outbox, bus = Outbox(database, clock=SystemClock()), Record()
    ana = KeyActor(tenant="north", principal="ana", id="key_1")
    with acting(Context(actor=ana)):
        await sell(database, outbox, 7)
    with acting(NOBODY), pytest.raises(ForbiddenError, match=r"nobody is known to ask for shop\.sold"):
        await sell(database, outbox, 8)
    async with relaying(outbox, bus):
        await eventually(lambda: bus.facts)
    assert [(fact.body, fact.actor) for fact in bus.facts] == [('{"number":7}', ana)]


async def test_a_fact_of_a_version_before_actors_is_published_as_nobodys(database: Database) -> None:
    outbox, bus = Outbox(database, clock=SystemClock()), Record()
    former = {"id": "fact_1", "topic": "shop.sold", "tenant": "t", "at": 1.0, "body": '{"number":7}'}
    async with database.transaction() as tx:
        await tx.execute(insert(FACTS), former)
    async with relaying(outbox, bus):
        await eventually(lambda: bus.facts)
    assert bus.facts == [Fact(id="fact_1", topic="shop.sold", tenant="t", at=1.0, body='{"number":7}', actor=None)]


async def test_a_fact_of_a_unit_of_work_that_failed_is_never_told(database: Database) -> None:
    outbox, bus = Outbox(database, clock=SystemClock()), Record()

    async def fail() -> None:
        async with database.transaction() as tx:
            await outbox.add(tx, "shop.sold", Sold(number=0))
            raise KeyError

    async with relaying(outbox, bus):
        with pytest.raises(KeyError):
            await fail()
        await sell(database, outbox, 1)
        await eventually(lambda: bus.facts)
    assert bus.bodies == ['{"number":1}']


async def test_many_facts_come_in_order(database: Database) -> None:
    outbox, bus = Outbox(database, clock=SystemClock()), Record()
    count = BATCH * 2 + 1
    await sell(database, outbox, *range(count))
    async with relaying(outbox, bus):
        await eventually(lambda: len(bus.facts) == count)
    assert bus.bodies == bodies(count)


async def test_facts_of_another_process_are_found(database: Database, reopen: Open) -> None:
    outbox, bus = Outbox(database, clock=SystemClock()), Record()
    async with relaying(outbox, bus), reopen() as other:
        await sell(other, Outbox(other, clock=SystemClock()), 0)
        await eventually(lambda: bus.facts)


async def test_facts_wait_for_a_bus_that_is_away(database: Database) -> None:
    outbox, bus = Outbox(database, clock=SystemClock()), Record(failures=1)
    await sell(database, outbox, 0, 1)
    async with relaying(outbox, bus):
        await eventually(lambda: bus.bodies == bodies(2))


async def test_one_relay_works_at_a_time_and_another_takes_over(database: Database, reopen: Open) -> None:
    clock, bus = ManualClock(), Record()
    first = Outbox(database, clock=clock)
    await sell(database, first, 0)
    async with reopen() as other:
        second = Outbox(other, clock=clock)
        assert await first.relay_once(bus) == 1  # pyright: ignore[reportArgumentType] - as above
        await sell(database, first, 1)
        assert await second.relay_once(bus) == 0  # pyright: ignore[reportArgumentType] - as above
        clock.advance(LEASE_S + 0.1)
        assert await second.relay_once(bus) == 1  # pyright: ignore[reportArgumentType] - as above
        await sell(database, first, 2)
        assert await first.relay_once(bus) == 0  # pyright: ignore[reportArgumentType] - as above
    assert bus.bodies == bodies(2)


async def test_relays_that_start_together_keep_the_order(database: Database, reopen: Open) -> None:
    bus = Record()
    async with reopen() as other:
        outboxes = Outbox(database, clock=SystemClock()), Outbox(other, clock=SystemClock())
        async with relaying(outboxes[0], bus), relaying(outboxes[1], bus):
            for number in range(40):
                await sell((database, other)[number % 2], outboxes[number % 2], number)
            await eventually(lambda: len(bus.facts) >= 40)
    assert bus.bodies == bodies(40)


async def test_a_killed_process_loses_no_fact_that_it_committed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tulou.db"
    last = await asyncio.to_thread(lambda: killed("facts", url, after=30))
    bus = Record()
    async with open_sqlite(url) as database, relaying(Outbox(database, clock=SystemClock()), bus):
        await eventually(lambda: len(bus.facts) > last)
    assert bus.bodies[: last + 1] == bodies(last + 1)
