"""The log folder stays small."""

import asyncio
import os
from pathlib import Path

import pytest

from tulou.services.observability.settings import ObservabilitySettings
from tulou.services.observability.sweeping import sweep, sweep_forever
from tulou.testing.eventually import eventually

NOW = 1_000_000.0
DAY = 86_400.0


def write(directory: Path, name: str, *, size: int, age_s: float) -> None:
    (directory / name).write_bytes(b"x" * size)
    os.utime(directory / name, (NOW - age_s, NOW - age_s))


def left(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_logs_of_processes_long_gone_are_removed(tmp_path: Path) -> None:
    write(tmp_path, "rep_1.log", size=10, age_s=8 * DAY)
    write(tmp_path, "control.log.3", size=10, age_s=8 * DAY)
    write(tmp_path, "rep_2.log", size=10, age_s=6 * DAY)
    write(tmp_path, "notes.txt", size=10, age_s=99 * DAY)
    sweep(tmp_path, now=NOW, keep_s=7 * DAY, max_bytes=1000)
    assert left(tmp_path) == {"rep_2.log", "notes.txt"}


def test_the_oldest_go_when_all_are_too_many_but_never_one_that_is_being_written(tmp_path: Path) -> None:
    write(tmp_path, "rep_1.log", size=60, age_s=3 * DAY)
    write(tmp_path, "rep_2.log", size=60, age_s=2 * DAY)
    write(tmp_path, "control.log", size=500, age_s=10)
    sweep(tmp_path, now=NOW, keep_s=7 * DAY, max_bytes=565)
    assert left(tmp_path) == {"rep_2.log", "control.log"}
    sweep(tmp_path, now=NOW, keep_s=7 * DAY, max_bytes=0)
    assert left(tmp_path) == {"control.log"}


async def test_a_house_sweeps_by_itself(tmp_path: Path) -> None:
    write(tmp_path, "rep_1.log", size=10, age_s=30 * DAY)
    task = asyncio.create_task(sweep_forever(tmp_path, ObservabilitySettings()))
    await eventually(lambda: not left(tmp_path))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
