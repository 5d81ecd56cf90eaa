"""Everything that was written reaches metering, whoever dies and whoever is away."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from tulou.contracts.metering.messages import IngestEntries
from tulou.kernel.errors import InvalidError, TooLargeError, UnavailableError
from tulou.services.gateway.ledger import LedgerSettings, encode, quarantine, segments
from tulou.services.gateway.ledger.quarantine import ASIDE, QuarantineFile
from tulou.services.gateway.ledger.tests.ledgers import Ledger, Remembering, entry
from tulou.testing.eventually import eventually

NUMBERS = [f"entry_{number}" for number in range(10)]


def write_all(ledger: Ledger) -> None:
    for number in range(10):
        assert ledger.write(entry(number))


async def test_entries_are_shipped_in_order_and_each_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, Remembering(), settings=LedgerSettings(batch=4))
    write_all(ledger)
    await ledger.shipper.ship()
    await ledger.shipper.ship()
    assert ledger.metering.seen == NUMBERS
    assert ledger.metering.batches == [4, 4, 2]
    assert len(ledger.segments()) == 1  # it is still being written


async def test_what_is_finished_and_shipped_is_deleted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, Remembering())
    write_all(ledger)
    ledger.writer.close()
    await ledger.shipper.ship()
    assert ledger.metering.seen == NUMBERS
    assert not any(os.scandir(tmp_path))


async def test_the_segment_of_a_living_neighbour_is_left_alone_and_that_of_a_dead_one_adopted(tmp_path: Path) -> None:
    living = Ledger(tmp_path, Remembering(), process="gateway-1")
    write_all(living)
    ledger = Ledger(tmp_path, Remembering())
    await ledger.shipper.ship()
    assert ledger.metering.seen == []
    living.writer.close()  # as the kernel does for a process that dies
    await ledger.shipper.ship()
    assert ledger.metering.seen == NUMBERS


async def test_shipping_goes_on_where_it_was_when_metering_comes_back(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, Remembering(), settings=LedgerSettings(batch=4))
    write_all(ledger)
    ledger.metering.refuses = lambda _: UnavailableError("busy") if ledger.metering.batches else None
    with pytest.raises(UnavailableError):
        await ledger.shipper.ship()
    ledger.metering.refuses = lambda _: None
    await ledger.shipper.ship()
    assert ledger.metering.seen == NUMBERS


async def test_a_torn_last_line_is_skipped_and_counted(tmp_path: Path) -> None:
    dead = Ledger(tmp_path, Remembering(), process="gateway-1")
    write_all(dead)
    dead.writer.close()
    (segment,) = dead.segments()
    segment.write_bytes(segment.read_bytes()[:-7])
    ledger = Ledger(tmp_path, Remembering())
    await ledger.shipper.ship()
    assert ledger.metering.seen == NUMBERS[:-1]
    assert ledger.count("torn_total") == 1
    assert ledger.segments() == []


async def test_one_entry_that_cannot_be_sent_is_set_aside_and_does_not_hold_up_the_others(tmp_path: Path) -> None:
    def refuses(request: IngestEntries) -> Exception | None:
        return InvalidError("no") if any(b'"entry_5"' in bytes(one) for one in request.entries) else None

    ledger = Ledger(tmp_path, Remembering(refuses=refuses))
    write_all(ledger)
    await ledger.shipper.ship()
    assert sorted(ledger.metering.seen) == [number for number in NUMBERS if number != "entry_5"]
    assert ledger.metering.unread == [encode(entry(5)).decode()]
    assert not (tmp_path / ASIDE).exists()


async def test_what_is_refused_in_any_form_is_kept_and_comes_with_the_next_start(tmp_path: Path) -> None:
    def refuses(request: IngestEntries) -> Exception | None:
        bodies = [*map(bytes, request.entries), *(one.body.encode() for one in request.unread)]
        return TooLargeError("no") if any(b'"entry_5"' in body for body in bodies) else None

    ledger = Ledger(tmp_path, Remembering(refuses=refuses))
    write_all(ledger)
    await ledger.shipper.ship()
    ledger.writer.close()
    assert (tmp_path / ASIDE).read_bytes() == encode(entry(5)) + b"\n"
    assert (ledger.count("refused_total"), ledger.count("lost_total")) == (1, 0)
    mended = Ledger(tmp_path, Remembering(), settings=LedgerSettings(every_s=3600))
    running = asyncio.create_task(mended.shipper.run())

    async def shipped() -> bool:
        return mended.metering.seen == ["entry_5"]

    await eventually(shipped)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (tmp_path / ASIDE).read_bytes() == b""


async def test_what_the_disk_does_not_take_again_stays_among_the_refused(tmp_path: Path) -> None:
    (tmp_path / ASIDE).write_bytes(encode(entry(5)) + b"\n")
    ledger = Ledger(tmp_path, Remembering(), settings=LedgerSettings(spool_bytes=1))
    await QuarantineFile(tmp_path).take_up(ledger.writer)
    assert (tmp_path / ASIDE).read_bytes() == encode(entry(5)) + b"\n"


async def test_refused_entries_that_cannot_be_read_keep_no_others_from_being_shipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ASIDE).mkdir()
    ledger = Ledger(tmp_path, Remembering(), settings=LedgerSettings(every_s=3600))
    write_all(ledger)
    running = asyncio.create_task(ledger.shipper.run())

    async def shipped() -> bool:
        return len(ledger.metering.seen) == 10

    await eventually(shipped)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "ledger_refused_not_taken_up" in capsys.readouterr().out


async def test_more_than_is_kept_of_the_refused_is_counted_as_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "ASIDE_BYTES", 1)
    ledger = Ledger(tmp_path, Remembering(refuses=lambda _: InvalidError("no")))
    write_all(ledger)
    await ledger.shipper.ship()
    assert (ledger.count("refused_total"), ledger.count("lost_total")) == (10, 9)


async def test_a_mark_that_cannot_be_read_ships_everything_once_more(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, Remembering())
    write_all(ledger)
    await ledger.shipper.ship()
    ledger.segments()[0].with_suffix(".at").write_bytes(b"\0\0")
    await ledger.shipper.ship()
    assert ledger.metering.seen == NUMBERS * 2


async def test_a_disk_that_takes_no_mark_does_not_keep_what_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, offset: int) -> None:
        raise OSError(errno.ENOSPC, f"no room for {offset} beside {path}")

    ledger = Ledger(tmp_path, Remembering(), settings=LedgerSettings(batch=4))
    write_all(ledger)
    monkeypatch.setattr(segments, "mark", full)
    await ledger.shipper.ship()
    await ledger.shipper.ship()
    assert ledger.metering.seen == NUMBERS  # it is remembered, though not on disk, so that nothing goes twice
    ledger.writer.close()
    await ledger.shipper.ship()
    assert ledger.segments() == []  # which gives the disk its room back


async def test_the_spool_is_measured_though_nothing_can_be_shipped(tmp_path: Path) -> None:
    before = Ledger(tmp_path, Remembering(), process="gateway-1")
    write_all(before)
    before.writer.close()
    (left,) = before.segments()
    size = left.stat().st_size
    ledger = Ledger(tmp_path, Remembering(away=True), settings=LedgerSettings(spool_bytes=size + 10, backoff_s=0.01))
    running = asyncio.create_task(ledger.shipper.run())

    async def measured() -> bool:
        return ledger.writer.spool_bytes == size

    await eventually(measured)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not ledger.write(entry(10))  # what others left counts, or each start would have a spool of its own


async def test_a_shipper_outlives_failures_and_ships_early_when_there_is_much(tmp_path: Path) -> None:
    settings = LedgerSettings(batch=2, every_s=3600, backoff_s=0.01)
    ledger = Ledger(tmp_path, Remembering(away=True), settings=settings)
    running = asyncio.create_task(ledger.shipper.run())

    async def all_seen() -> bool:
        return ledger.metering.seen == NUMBERS

    await asyncio.sleep(0)
    write_all(ledger)
    ledger.metering.away = False
    await eventually(all_seen)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
