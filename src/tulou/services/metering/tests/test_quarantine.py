"""What was set aside gets onto the bill once, or is discarded by somebody with a reason; nothing of it goes unseen."""

import asyncio
from dataclasses import replace
from random import Random

import msgspec
import pytest
from sqlalchemy import func, update

from tulou.contracts.metering.messages import (
    CorrectEntry,
    DiscardEntry,
    Entry,
    IngestEntries,
    ListQuarantine,
    Requeue,
    Requeued,
    SetAside,
    Units,
    Unread,
)
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from tulou.services.metering import quarantine
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.store.tables import METADATA, QUARANTINE
from tulou.services.metering.sweeping import Sweeper
from tulou.services.metering.tests.ledgers import CrashingDatabase, Ledger, check, entry_at
from tulou.testing.clock import ManualClock
from tulou.testing.house import SmallHouse
from tulou.testing.tables import differences

DAY = 86_400.0
AHEAD = 3 * DAY
"""How much the clock of the gateway is wrong: a day may be."""


def ahead_of(ledger: Ledger, count: int) -> list[Entry]:
    """Return entries of a gateway that lives in the days to come."""
    random = Random(count)  # noqa: S311 - a test's dice
    return [entry_at(number, ledger.clock.now() + AHEAD + number, random) for number in range(count)]


async def waiting(ledger: Ledger, *, settled: bool = False) -> list[SetAside]:
    """Return all of the quarantine, page by page."""
    found: list[SetAside] = []
    request = ListQuarantine(limit=2, settled=settled)
    while True:
        page = await ledger.quarantine.page(request)
        found += page.items
        if page.next is None:
            assert settled or page.waiting == len(found)
            return found
        request = replace(request, after=page.next)


async def requeue_twice(house: SmallHouse, clock: ManualClock) -> None:
    """Take everything in again, before it can be held and after, and then once more."""
    ledger = Ledger(house.database, house.outbox, clock)
    entries = ahead_of(ledger, 7)
    await ledger.intake.ingest(IngestEntries.of("g", entries))
    assert await ledger.quarantine.requeue(Requeue()) == Requeued(left=7)
    assert await ledger.everything() == []
    clock.advance(AHEAD)
    one = (await waiting(ledger))[0]
    assert await ledger.quarantine.requeue(Requeue(digest=one.digest)) == Requeued(new=1)
    assert await ledger.quarantine.requeue(Requeue()) == Requeued(new=6)
    assert await ledger.quarantine.requeue(Requeue()) == Requeued()
    again = await ledger.intake.ingest(IngestEntries.of("g", entries))  # its mark was lost
    assert (again.new, again.known, again.quarantined) == (0, 7, 0)
    assert await waiting(ledger) == []
    await check(ledger, entries)


async def requeue_at_once(house: SmallHouse, clock: ManualClock) -> None:
    """Have three take everything in again, while the gateway ships it once more and the database crashes."""
    random = Random(5)  # noqa: S311 - a test's dice
    database = CrashingDatabase(house.database, random.random, risk=0.0)
    ledger = Ledger(database, house.outbox, clock)
    entries = ahead_of(ledger, 40)
    await ledger.intake.ingest(IngestEntries.of("g", entries))
    clock.advance(AHEAD)
    database.risk = 0.25

    async def take() -> None:
        other = ledger.new_quarantine()
        for _ in range(50):
            try:
                await other.requeue(Requeue())
            except (UnavailableError, ConflictError):
                continue
            return

    async def ship() -> None:
        for _ in range(50):
            try:
                await ledger.new_intake().ingest(IngestEntries.of("g", entries))
            except (UnavailableError, ConflictError):
                continue
            return

    await asyncio.gather(take(), take(), ship(), take())
    database.risk = 0.0
    assert await waiting(ledger) == []
    await check(ledger, entries)


async def correct_at_once(house: SmallHouse, clock: ManualClock) -> None:
    """Have two people correct the same entry, each in a way of their own."""
    ledger = Ledger(house.database, house.outbox, clock)
    (entry,) = ahead_of(ledger, 1)
    await ledger.intake.ingest(IngestEntries.of("g", (entry,)))
    (one,) = await waiting(ledger)
    mended = [replace(entry, at=clock.now() - number) for number in (1, 2)]
    done = await asyncio.gather(
        *(ledger.new_quarantine().correct(CorrectEntry(digest=one.digest, entry=other)) for other in mended),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["NotFoundError", "Requeued"]
    await check(ledger, [mended[[isinstance(each, Requeued) for each in done].index(True)]])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_750_000_000.0)


async def test_taken_again_and_again_each_counts_once(
    house: SmallHouse, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "CHUNK", 3)
    await requeue_twice(house, clock)


async def test_taken_by_several_at_once_each_counts_once(
    house: SmallHouse, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "CHUNK", 7)
    await requeue_at_once(house, clock)


async def test_of_two_corrections_one_counts(house: SmallHouse, clock: ManualClock) -> None:
    await correct_at_once(house, clock)


async def test_a_corrected_entry_is_billed_and_the_original_kept(ledger: Ledger) -> None:
    entry = replace(ahead_of(ledger, 1)[0], cost=5, model="模型")
    shipped = IngestEntries.of("g", (entry,))
    await ledger.intake.ingest(shipped)
    (one,) = await waiting(ledger)
    assert msgspec.json.decode(one.body, type=Entry) == entry  # letter by letter
    mended = replace(entry, at=ledger.clock.now() - 60)
    with pytest.raises(InvalidError, match="its units"):
        await ledger.quarantine.correct(CorrectEntry(digest=one.digest, entry=replace(mended, units=Units(input=-1))))
    token = CONTEXT.set(Context(actor=KeyActor(tenant="default", principal="ada"), house=True))
    try:
        done = await ledger.quarantine.correct(CorrectEntry(digest=one.digest, entry=mended, reason="its clock"))
    finally:
        CONTEXT.reset(token)
    assert done == Requeued(new=1)
    await check(ledger, [mended])
    (kept,) = await waiting(ledger, settled=True)
    assert (kept.body, kept.reason) == (one.body, one.reason)
    assert kept.settled is not None
    assert (kept.settled.by, kept.settled.why, kept.settled.entry) == ("ada", "its clock", mended)
    await ledger.intake.ingest(shipped)  # once more
    assert await waiting(ledger) == []
    with pytest.raises(NotFoundError, match="tulou usage quarantine"):
        await ledger.quarantine.requeue(Requeue(digest=one.digest))


async def test_a_correction_to_what_is_known_already_adds_nothing(ledger: Ledger) -> None:
    (entry,) = ahead_of(ledger, 1)
    mended = replace(entry, at=ledger.clock.now() - 60)
    await ledger.intake.ingest(IngestEntries.of("g", (entry, mended)))
    (one,) = await waiting(ledger)
    assert await ledger.quarantine.correct(CorrectEntry(digest=one.digest, entry=mended)) == Requeued(known=1)
    await check(ledger, [mended])


async def test_what_is_discarded_needs_a_reason_and_stays_discarded(ledger: Ledger) -> None:
    shipped = IngestEntries.of("g", ahead_of(ledger, 1))
    await ledger.intake.ingest(shipped)
    (one,) = await waiting(ledger)
    with pytest.raises(InvalidError, match="why"):
        await ledger.quarantine.discard(DiscardEntry(digest=one.digest, reason=" "))
    await ledger.quarantine.discard(DiscardEntry(digest=one.digest, reason="a test of ours"))
    await ledger.intake.ingest(shipped)
    assert await waiting(ledger) == []
    assert await ledger.quarantine.requeue(Requeue()) == Requeued()
    (kept,) = await waiting(ledger, settled=True)
    assert kept.settled is not None
    assert (kept.settled.why, kept.settled.entry, kept.body) == ("a test of ours", None, one.body)


async def test_what_was_settled_is_not_counted_either_when_its_time_has_come(
    house: SmallHouse, clock: ManualClock
) -> None:
    ledger = Ledger(house.database, house.outbox, clock)
    corrected, discarded, other = ahead_of(ledger, 3)
    shipped = IngestEntries.of("g", (corrected, discarded))
    await ledger.intake.ingest(shipped)
    digests = {msgspec.json.decode(one.body, type=Entry).id: one.digest for one in await waiting(ledger)}
    mended = replace(corrected, at=clock.now())
    await ledger.quarantine.correct(CorrectEntry(digest=digests[corrected.id], entry=mended))
    await ledger.quarantine.discard(DiscardEntry(digest=digests[discarded.id], reason="a test of ours"))
    clock.advance(AHEAD + DAY)
    told = await ledger.intake.ingest(IngestEntries.of("g", (corrected, discarded, other)))  # from a backup
    assert (told.new, told.known, told.quarantined) == (1, 2, 0)
    assert [entry.id for entry in await ledger.everything()] == [mended.id, other.id]


async def test_a_beginning_that_two_share_names_neither(ledger: Ledger) -> None:
    await ledger.intake.ingest(IngestEntries.of("g", ahead_of(ledger, 2)))
    async with ledger.database.transaction() as tx:
        await tx.execute(update(QUARANTINE).values(digest="01234567" + func.substr(QUARANTINE.c.digest, 9)))
    with pytest.raises(NotFoundError, match="several"):
        await ledger.quarantine.discard(DiscardEntry(digest="01234567", reason="which?"))
    first = (await waiting(ledger))[0]
    await ledger.quarantine.discard(DiscardEntry(digest=first.digest, reason="this one"))
    assert len(await waiting(ledger)) == 1


async def test_what_is_no_text_is_shown_as_well_as_can_be(ledger: Ledger) -> None:
    ill = IngestEntries(
        gateway="g",
        entries=(msgspec.Raw(b'{"id":"\xff"}'), msgspec.Raw(b"[]" + b" " * 20_000)),
        unread=(Unread(body='{"id"\0', reason="it could not be sent: no"),),
    )
    await ledger.intake.ingest(ill)
    found = await waiting(ledger)
    assert {one.body.rstrip() for one in found} == {'{"id":"\\xff"}', "[]", '{"id"\\0'}
    assert await ledger.quarantine.requeue(Requeue()) == Requeued(left=3)
    reasons = [one.reason for one in await waiting(ledger)]
    assert sum("only 16384 are kept" in reason for reason in reasons) == 1


async def test_beyond_the_cap_entries_are_lost_and_counted_and_those_known_are_neither(house: SmallHouse) -> None:
    ledger = Ledger(house.database, house.outbox, house.clock, MeteringSettings(quarantine=5))
    entries = ahead_of(ledger, 8)
    await ledger.intake.ingest(IngestEntries.of("g", entries[:4]))
    await ledger.intake.ingest(IngestEntries.of("g", entries))
    assert lost(ledger) == 3
    await ledger.intake.ingest(IngestEntries.of("g", entries[:5]))
    assert lost(ledger) == 3
    first = (await waiting(ledger))[0]
    await ledger.quarantine.discard(DiscardEntry(digest=first.digest, reason="room"))
    assert ledger.registry.get_sample_value("tulou_metering_quarantine_entries") == 4
    await ledger.intake.ingest(IngestEntries.of("g", entries[7:]))
    assert (len(await waiting(ledger)), lost(ledger)) == (5, 3)


def lost(ledger: Ledger) -> float | None:
    return ledger.registry.get_sample_value("tulou_metering_quarantine_lost_total")


async def test_what_waits_is_never_swept_and_what_is_settled_goes_with_the_entries(house: SmallHouse) -> None:
    clock = ManualClock(house.clock.now())
    settings = MeteringSettings(keep_entries_days=10)
    ledger = Ledger(house.database, house.outbox, clock, settings)
    await ledger.intake.ingest(IngestEntries.of("g", ahead_of(ledger, 2)))
    first = (await waiting(ledger))[0]
    await ledger.quarantine.discard(DiscardEntry(digest=first.digest, reason="why not"))
    clock.advance(11 * DAY)
    await Sweeper(house.database, clock=clock, settings=settings, counters=ledger.counters).sweep()
    assert (len(await waiting(ledger)), len(await waiting(ledger, settled=True))) == (1, 0)
    assert ledger.registry.get_sample_value("tulou_metering_quarantine_entries") == 1


async def test_the_tables_are_as_the_revisions_make_them(house: SmallHouse) -> None:
    assert [one for one in await differences(house.database, METADATA) if "metering" in str(one)] == []
