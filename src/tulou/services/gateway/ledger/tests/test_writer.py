"""What is written survives what comes after it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from tulou.contracts.metering.messages import Entry
from tulou.services.gateway.ledger import LedgerSettings, lines
from tulou.services.gateway.ledger.tests.ledgers import ENTRY, Ledger, Remembering, entry

DIES = """
import os, signal, sys
from pathlib import Path
from tulou.services.gateway.ledger.tests.ledgers import Ledger, Remembering, entry
ledger = Ledger(Path(sys.argv[1]), Remembering(), process="gateway-9")
for number in range(100):
    assert ledger.write(entry(number))
os.kill(os.getpid(), signal.SIGKILL)
"""


def read(folder: Path) -> list[str]:
    found = [line.entry for path in sorted(folder.glob("*.log")) for line in lines.read(path.read_bytes(), 0)]
    return [msgspec.json.decode(entry, type=Entry).id for entry in found if entry]


def test_a_line_gives_back_its_entry_and_a_torn_one_none() -> None:
    body = lines.encode(ENTRY)
    line = lines.line_of(body)
    assert [found.entry for found in lines.read(line, 0)] == [body]
    assert msgspec.json.decode(body, type=Entry) == ENTRY
    torn = line[:-20] + b"\n"
    assert [found.entry for found in lines.read(b"\0\0" + line + torn + line[:30], 7)] == [body, None]


def test_an_entry_is_on_disk_when_write_returns(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, Remembering())
    assert ledger.write(ENTRY)
    assert read(tmp_path) == [ENTRY.id]
    assert ledger.segments()[0].stat().st_mode & 0o777 == 0o600


async def test_a_process_that_is_killed_leaves_every_entry_behind(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", DIES, str(tmp_path))
    assert await process.wait() == -signal.SIGKILL
    assert read(tmp_path) == [f"entry_{number}" for number in range(100)]


async def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, Remembering(), settings=LedgerSettings(segment_bytes=2_000))
    for number in range(10):
        ledger.write(entry(number))
    await ledger.writer.sync()
    assert len(ledger.segments()) > 3
    assert read(tmp_path) == [f"entry_{number}" for number in range(10)]


async def test_a_full_disk_holds_entries_in_memory_and_tears_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path, Remembering())
    whole = os.write
    room = [1_000]

    def short(descriptor: int, data: bytes) -> int:
        taken = data[: room[0]]
        room[0] -= len(taken)
        return whole(descriptor, taken)

    monkeypatch.setattr(os, "write", short)
    assert [ledger.write(entry(number)) for number in range(4)] == [True, False, False, False]
    assert ledger.count("held_entries") == 3
    room[0] = 1_000_000
    await ledger.writer.sync()
    assert ledger.write(entry(4))
    assert read(tmp_path) == [f"entry_{number}" for number in range(5)]
    assert (ledger.count("held_entries"), ledger.count("lost_total")) == (0, 0)


def test_what_memory_cannot_hold_either_is_counted_as_lost(tmp_path: Path) -> None:
    settings = LedgerSettings(spool_bytes=1_000, held_bytes=1_000)
    ledger = Ledger(tmp_path, Remembering(), settings=settings)
    assert [ledger.write(entry(number)) for number in range(4)] == [True, False, False, False]
    assert (ledger.count("held_entries"), ledger.count("lost_total")) == (1, 2)


async def test_a_folder_that_cannot_be_made_fails_no_request(tmp_path: Path) -> None:
    in_the_way = tmp_path / "ledger"
    in_the_way.write_text("a file")
    ledger = Ledger(in_the_way, Remembering())
    assert not ledger.write(ENTRY)
    in_the_way.unlink()
    await ledger.writer.sync()
    assert read(in_the_way) == [ENTRY.id]


async def test_a_segment_that_somebody_deleted_is_followed_by_a_new_one(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, Remembering())
    ledger.write(entry(0))
    ledger.segments()[0].unlink()
    await ledger.writer.sync()
    ledger.write(entry(1))
    assert read(tmp_path) == ["entry_1"]
