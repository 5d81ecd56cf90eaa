"""Sums are the same however a span is cut, and rows come in order."""

from dataclasses import replace
from random import Random

import pytest

from tulou.contracts.metering.messages import Bucket, Entry, IngestEntries, UsageQuery, UsageRow
from tulou.kernel.errors import InvalidError
from tulou.services.metering.domain.spans import FAR, months, pieces
from tulou.services.metering.domain.sums import DAY, HOUR
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.sweeping import Sweeper
from tulou.services.metering.tests.ledgers import Ledger, entry_at
from tulou.testing.clock import ManualClock
from tulou.testing.house import SmallHouse

MIDNIGHT = 1_700_006_400  # 15 November 2023, 0:00 UTC
KEPT = {"now": MIDNIGHT + 10 * DAY, "hours_kept_s": 100.0 * DAY}


async def fill(ledger: Ledger, at: list[float]) -> list[Entry]:
    random = Random(1)  # noqa: S311 - a test's dice
    entries = [entry_at(number, moment, random) for number, moment in enumerate(at)]
    await ledger.intake.ingest(IngestEntries.of("g", entries))
    return entries


def test_a_span_is_whole_days_with_hours_at_its_edges() -> None:
    start, end = MIDNIGHT + 3 * HOUR + 5, MIDNIGHT + 3 * DAY + HOUR - 5
    assert pieces(start, end, "day", **KEPT) == [
        ("hour", MIDNIGHT + 3 * HOUR, MIDNIGHT + DAY),
        ("day", MIDNIGHT + DAY, MIDNIGHT + 3 * DAY),
        ("hour", MIDNIGHT + 3 * DAY, MIDNIGHT + 3 * DAY + HOUR),
    ]
    assert pieces(start, start + 60, "all", **KEPT) == [("hour", MIDNIGHT + 3 * HOUR, MIDNIGHT + 4 * HOUR)]


def test_where_hours_are_kept_no_more_a_span_is_widened_to_days() -> None:
    now = MIDNIGHT + 200 * DAY
    cut = pieces(MIDNIGHT + 5, MIDNIGHT + DAY + 5, "day", now=now, hours_kept_s=10.0 * DAY)
    assert cut == [("day", MIDNIGHT, MIDNIGHT + 2 * DAY)]
    with pytest.raises(InvalidError, match="ask for days"):
        pieces(MIDNIGHT, MIDNIGHT + DAY, "hour", now=now, hours_kept_s=10.0 * DAY)
    with pytest.raises(InvalidError, match="last day only"):
        pieces(MIDNIGHT, MIDNIGHT + DAY, "minute", now=now, hours_kept_s=10.0 * DAY)


def test_whole_months_are_taken_as_such_where_days_do_not_matter() -> None:
    start, end = MIDNIGHT - 20 * DAY, MIDNIGHT + 20 * DAY + HOUR
    november, december = 1_698_796_800, 1_701_388_800
    assert pieces(start, end, "month", **KEPT) == [
        ("day", start, november),
        ("month", november, december),
        ("day", december, MIDNIGHT + 20 * DAY),
        ("hour", MIDNIGHT + 20 * DAY, end),
    ]


def test_months_begin_on_the_first() -> None:
    assert [month - 1_698_796_800 for month in months(MIDNIGHT, MIDNIGHT + 31 * DAY)] == [0, 30 * DAY]


@pytest.mark.parametrize("bucket", ["hour", "day", "month", "all"])
async def test_every_bucket_adds_up_to_the_same(house: SmallHouse, bucket: Bucket) -> None:
    clock = ManualClock(MIDNIGHT + 40 * DAY)
    ledger = Ledger(house.database, house.outbox, clock)
    random = Random(2)  # noqa: S311 - a test's dice
    entries = await fill(ledger, [MIDNIGHT + random.random() * 39 * DAY for _ in range(400)])
    start, end = MIDNIGHT + 2.5 * HOUR, MIDNIGHT + 38 * DAY + 5 * HOUR
    within = [entry for entry in entries if MIDNIGHT + 2 * HOUR <= entry.at < end]
    query = UsageQuery(start=start, end=end, bucket=bucket, group_by=("key", "model"))
    report = await ledger.reporting.usage(query)
    assert sum(row.cost for row in report.rows) == sum(entry.cost for entry in within)
    assert sum(row.requests for row in report.rows) == sum(entry.final for entry in within)
    assert [(row.start, *row.group) for row in report.rows] == sorted((row.start, *row.group) for row in report.rows)
    paged: list[UsageRow] = []
    after: str | None = ""
    while after is not None:
        page = await ledger.reporting.usage(replace(query, limit=7, after=after))
        paged += page.rows
        after = page.next
    assert tuple(paged) == report.rows


async def test_filters_narrow_and_several_values_mean_any(ledger: Ledger) -> None:
    now = ledger.clock.now()
    entries = await fill(ledger, [now - number for number in range(50)])
    query = UsageQuery(
        start=now - 60, end=now + 1, bucket="all", filters=(("key", "key_1"), ("key", "key_2"), ("tenant", "red"))
    )
    (row,) = (await ledger.reporting.usage(query)).rows
    meant = [entry for entry in entries if entry.key in ("key_1", "key_2") and entry.tenant == "red"]
    assert row.units.input == sum(entry.units.input for entry in meant)
    assert row.refused == sum(entry.final and entry.status == 429 for entry in meant)
    assert row.failed == sum(entry.final and entry.status in (404, 499, 502) for entry in meant)


@pytest.mark.parametrize("bucket", ["day", "month", "all"])
async def test_the_end_of_time_is_a_span_like_any_other(ledger: Ledger, bucket: Bucket) -> None:
    query = UsageQuery(start=FAR - 90 * DAY, end=FAR - 1, bucket=bucket)
    assert (await ledger.reporting.usage(query)).rows == ()
    for start, end in ((float("nan"), 1.0), (2.0, 1.0), (0.0, FAR), (-1.0, 1.0), (0.0, 1e9)):
        with pytest.raises(InvalidError):
            await ledger.reporting.usage(replace(query, start=start, end=end))


async def test_models_that_clients_made_up_make_no_rows(ledger: Ledger) -> None:
    now = ledger.clock.now()
    dice = Random(1)  # noqa: S311 - a test's
    made_up = replace(entry_at(1, now, dice), status=404, served_by="", model="no-such", refused_by="")
    await ledger.intake.ingest(IngestEntries.of("g", (made_up,)))
    report = await ledger.reporting.usage(UsageQuery(start=now - 1, end=now + 1, bucket="all", group_by=("model",)))
    assert [row.group for row in report.rows] == [("unknown",)]
    assert [entry.model for entry in await ledger.everything()] == ["no-such"]


async def test_what_is_too_old_goes_and_sums_by_day_stay(house: SmallHouse) -> None:
    clock = ManualClock(MIDNIGHT)
    settings = MeteringSettings(keep_entries_days=10, keep_hours_days=20)
    ledger = Ledger(house.database, house.outbox, clock, settings)
    entries = await fill(ledger, [MIDNIGHT - number for number in range(1, 50)])
    clock.advance(2 * DAY)
    await Sweeper(house.database, clock=clock, settings=settings, counters=ledger.counters).sweep()
    assert not await ledger.sums("minute")
    assert len(await ledger.everything()) == 49
    clock.advance(20 * DAY)
    await Sweeper(house.database, clock=clock, settings=settings, counters=ledger.counters).sweep()
    assert await ledger.everything() == []
    assert not await ledger.sums("hour")
    assert sum(sums[-1] for sums in (await ledger.sums("day")).values()) == sum(entry.cost for entry in entries)


async def test_what_the_house_refused_goes_earlier_and_its_sums_stay(house: SmallHouse) -> None:
    clock = ManualClock(MIDNIGHT)
    settings = MeteringSettings(keep_entries_days=100, keep_denied_days=10)
    ledger = Ledger(house.database, house.outbox, clock, settings)
    entries = await fill(ledger, [MIDNIGHT - number for number in range(1, 80)])
    refused = [entry for entry in entries if entry.refused_by]
    assert 0 < len(refused) < len(entries)
    sweeper = Sweeper(house.database, clock=clock, settings=settings, counters=ledger.counters)
    clock.advance(9 * DAY)
    await sweeper.sweep()
    assert len(await ledger.everything()) == 79
    before = await ledger.sums("day")
    clock.advance(2 * DAY)
    await sweeper.sweep()
    assert {entry.id for entry in await ledger.everything()} == {e.id for e in entries if not e.refused_by}
    assert await ledger.sums("day") == before
