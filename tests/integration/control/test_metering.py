"""The ledger on PostgreSQL, where several transactions are under way at once."""

from collections.abc import Awaitable, Callable
from random import Random

import pytest

from tulou.contracts.metering.messages import Bucket, IngestEntries, UsageQuery
from tulou.services.metering import quarantine
from tulou.services.metering.tests.ledgers import Ledger, check, entry_at
from tulou.services.metering.tests.test_exactly_once import live_through, recompute_through
from tulou.services.metering.tests.test_quarantine import correct_at_once, requeue_at_once, requeue_twice
from tulou.testing.clock import ManualClock
from tulou.testing.house import SmallHouse

BUCKETS: tuple[Bucket, ...] = ("minute", "hour", "day", "month", "all")


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_entry_counts_once(house: SmallHouse, seed: int) -> None:
    await live_through(house, seed)


@pytest.mark.parametrize("seed", [1, 2])
async def test_recomputing_changes_every_sum_once(house: SmallHouse, seed: int) -> None:
    await recompute_through(house, seed)


@pytest.mark.parametrize("live", [requeue_twice, requeue_at_once, correct_at_once])
async def test_what_was_set_aside_counts_once(
    house: SmallHouse, monkeypatch: pytest.MonkeyPatch, live: Callable[[SmallHouse, ManualClock], Awaitable[None]]
) -> None:
    monkeypatch.setattr(quarantine, "CHUNK", 7)
    await live(house, ManualClock(house.clock.now()))


async def test_reports_of_every_bucket_add_up(house: SmallHouse) -> None:
    ledger = Ledger(house.database, house.outbox, house.clock)
    random = Random(1)  # noqa: S311 - a test's dice
    now = house.clock.now()
    entries = [entry_at(number, now - random.random() * 3_600, random) for number in range(100)]
    await ledger.intake.ingest(IngestEntries.of("g", entries))
    await check(ledger, entries)
    for bucket in BUCKETS:
        query = UsageQuery(start=now - 80_000, end=now + 1, bucket=bucket, group_by=("model", "tenant"), limit=2)
        cost, after = 0, ""
        while True:
            report = await ledger.reporting.usage(
                UsageQuery(
                    start=query.start, end=query.end, bucket=bucket, group_by=query.group_by, limit=2, after=after
                )
            )
            cost += sum(row.cost for row in report.rows)
            if report.next is None:
                break
            after = report.next
        assert cost == sum(entry.cost for entry in entries)
    long = UsageQuery(
        start=now - 900 * 86_400.0, end=now + 1, bucket="month", filters=(("key", "key_1"), ("tenant", "red"))
    )
    assert len((await ledger.reporting.usage(long)).rows) == 1
