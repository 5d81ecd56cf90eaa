"""Whoever ships what how often, and whatever is lost on the way: each entry counts once, and all sums are right."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.contracts.metering.messages import Entry, IngestEntries, Price, PutPrices, Recompute
from tulou.kernel.errors import ConflictError, UnavailableError
from tulou.services.metering import recomputing
from tulou.services.metering.recomputing import RecomputeResult
from tulou.services.metering.tests.ledgers import CrashingDatabase, Ledger, Run, check, entry_at, run_of
from tulou.testing.house import SmallHouse, open_house

SHIPPERS = 3
GPT = Price(model="gpt-*", input=3.0, output=7.0, request=1_000_000.0)


async def ship(ledger: Ledger, entries: list[Entry], random: Random) -> None:
    """Ship as a shipper does: batch by batch, each again until it is confirmed, now and then from the beginning."""
    intake = ledger.new_intake()
    place = 0
    while place < len(entries):
        batch = entries[place : place + random.randrange(1, 12)]
        try:
            await intake.ingest(IngestEntries.of("g", batch))
        except (UnavailableError, ConflictError):
            if random.random() < 0.3:  # the process was killed, and with it its mark
                intake, place = ledger.new_intake(), 0
            continue
        place += len(batch)


async def recompute(ledger: Ledger, request: Recompute) -> RecomputeResult:
    """Run the job as the queue does: attempt after attempt, with the steps of those before."""
    run = run_of(request)
    while True:
        try:
            return await ledger.recomputing.run(run)
        except UnavailableError:
            continue


class Interrupted(Run):
    """A job whose runner dies once, after it has recorded a step."""

    async def record(self, name: str, value: str = "null") -> None:
        first = not self.steps
        await super().record(name, value)
        if first:
            raise UnavailableError("killed")


async def in_a_house(live: Callable[[SmallHouse, int], Awaitable[None]], seed: int) -> None:
    async with open_house("tulou.services.metering.migrations") as house:
        await live(house, seed)


async def live_through(house: SmallHouse, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a test's dice
    database = CrashingDatabase(house.database, random.random)
    ledger = Ledger(database, house.outbox, house.clock)
    now = house.clock.now()
    entries = [entry_at(number, now - random.random() * 7_200, random) for number in range(60)]
    segments = [random.sample(entries, k=40) for _ in range(SHIPPERS)] + [entries]  # most are in several
    await asyncio.gather(*(ship(ledger, segment, random) for segment in segments))
    database.risk = 0.0
    await check(ledger, entries)


@settings(max_examples=6)
@given(st.integers(0, 2**32))
def test_any_interleaving_of_repeats_and_crashes_counts_every_entry_once(seed: int) -> None:
    asyncio.run(in_a_house(live_through, seed))


async def recompute_through(house: SmallHouse, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a test's dice
    database = CrashingDatabase(house.database, random.random, risk=0.0)
    ledger = Ledger(database, house.outbox, house.clock)
    now = house.clock.now()
    entries = [entry_at(number, now - random.random() * 200_000, random) for number in range(60)]
    await ship(ledger, entries[:40], random)
    await ledger.pricing.put(PutPrices(items=(GPT,)))
    database.risk = 0.25
    request = Recompute(start=now - 150_000, end=now - 50_000)
    # two recomputations of the same span at once, while late entries come in
    done, _, _ = await asyncio.gather(
        recompute(ledger, request), recompute(ledger, request), ship(ledger, entries[40:], random)
    )
    database.risk = 0.0
    book = await ledger.pricing.book(done.price)
    before = {entry.id: entry for entry in entries}
    for entry in await ledger.everything():
        old = before[entry.id]
        inside = request.start <= entry.at < request.end
        if old in entries[:40] or not inside:
            assert entry.cost == (book.priced(old).cost if inside else old.cost)
    # minutes are kept for the last day only, the other sums for all
    assert await ledger.sums("hour")
    await check_hours_and_days(ledger)


async def check_hours_and_days(ledger: Ledger) -> None:
    there = await ledger.everything()
    assert sum(entry.cost for entry in there) == sum(sums[-1] for sums in (await ledger.sums("day")).values())
    assert sum(entry.cost for entry in there) == sum(sums[-1] for sums in (await ledger.sums("hour")).values())


@settings(max_examples=5)
@given(st.integers(0, 2**32))
def test_recomputing_that_is_killed_anywhere_changes_every_cost_and_every_sum_once(seed: int) -> None:
    asyncio.run(in_a_house(recompute_through, seed))


async def test_a_recomputation_begins_anew_with_a_book_that_changes_meanwhile(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "CHUNK", 10)
    random = Random(1)  # noqa: S311 - a test's dice
    now = ledger.clock.now()
    entries = [replace(entry_at(number, now - number, random), status=200, served_by="gpt-4o") for number in range(30)]
    await ship(ledger, entries, random)
    await ledger.pricing.put(PutPrices(items=(GPT,)))
    run = Interrupted(run_of(Recompute(start=now - 100, end=now + 1)).job)
    with pytest.raises(UnavailableError):  # its process is killed after the first chunk
        await ledger.recomputing.run(run)
    await ledger.pricing.put(PutPrices(items=(replace(GPT, input=1_000.0),)))
    done = await ledger.recomputing.run(run)
    book = await ledger.pricing.book(2)
    assert (done.price, done.entries) == (2, 10 + 30)
    assert [entry.cost for entry in await ledger.everything()] == [book.priced(old).cost for old in entries[::-1]]
    assert done.difference == sum(book.priced(old).cost - old.cost for old in entries)
    await check(ledger, entries)
