"""A confined process takes its bounds before it reads anything, knows no secret, and ends when nobody waits."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tulou.adapters.process.confinement import LOG_CAP, OUTPUT_CAP, PIECE, ConfinedProcesses
from tulou.kernel.errors import DeadlineError
from tulou.ports.confinement import ProcessBounds
from tulou.testing.eventually import eventually

CONFINED = "tulou.adapters.process.tests.confined"
SMALL = ProcessBounds(cpu_s=2, memory=512 << 20, wall_s=60)


async def ran(what: str, *arguments: str, bounds: ProcessBounds = SMALL, given: bytes = b"") -> tuple[int, bytes, str]:
    ended = await ConfinedProcesses().run(CONFINED, what, *arguments, given=given, bounds=bounds)
    return ended.code, ended.output, ended.log


async def test_what_is_given_is_read_and_what_is_written_comes_back() -> None:
    given = bytes(range(256)) * 1_000
    assert await ran("echo", given=given) == (0, given, "to the log")


async def test_no_secret_of_the_environment_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "VAULT_TOKEN", "TULOU_PORTS__DATABASE", "HTTPS_PROXY")
    for name in secrets:
        monkeypatch.setenv(name, "secret")
    code, output, _ = await ran("environment")
    assert code == 0
    told = json.loads(output)
    assert told["PATH"] == os.environ["PATH"]
    assert "secret" not in told.values()


async def test_the_bounds_are_those_that_were_asked_for() -> None:
    _, output, _ = await ran("limits")
    assert json.loads(output) == {"cpu": 2, "memory": 512 << 20, "core": 0}


async def test_more_memory_than_it_may_take_is_an_error_of_its_own() -> None:
    code, _, log = await ran("memory", str(1 << 30))
    assert code == 1
    assert "MemoryError" in log


async def test_more_time_of_a_processor_than_it_may_take_ends_it() -> None:
    assert (await ran("spin"))[0] < 0


async def test_a_file_that_grows_without_end_is_not_written(tmp_path: Path) -> None:
    code, _, log = await ran("fill", str(tmp_path / "file"))
    assert code == 1
    assert "File too large" in log
    assert (tmp_path / "file").stat().st_size <= 64 << 20


async def test_a_log_without_end_is_cut_in_its_middle() -> None:
    code, output, log = await ran("flood", str(40 << 20))
    assert code == 0
    assert len(output) <= OUTPUT_CAP + PIECE
    assert len(log) <= LOG_CAP + PIECE
    assert (log[:5], log[-4:]) == ("begin", "last")


@pytest.mark.parametrize("what", ["wait", "gush", "leave"])
async def test_one_that_does_not_end_in_time_is_ended_with_what_it_started(what: str, tmp_path: Path) -> None:
    with pytest.raises(DeadlineError, match="not done within 2 s"):
        await ran(what, str(tmp_path / "pid"), bounds=ProcessBounds(wall_s=2, cpu_s=60))
    await eventually(lambda: not _runs(int((tmp_path / "pid").read_text())))


@pytest.mark.parametrize("what", ["wait", "gush", "leave"])
async def test_one_that_nobody_waits_for_any_more_is_ended_with_what_it_started(what: str, tmp_path: Path) -> None:
    task = asyncio.create_task(ran(what, str(tmp_path / "pid"), bounds=ProcessBounds(cpu_s=60)))
    await eventually(lambda: _written(tmp_path / "pid"))
    pid = int((tmp_path / "pid").read_text())
    assert _runs(pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await eventually(lambda: not _runs(pid))


async def test_a_module_that_is_not_there_says_so() -> None:
    ended = await ConfinedProcesses(python=sys.executable).run("tulou.nothing", bounds=SMALL)
    assert ended.code == 1
    assert "No module named tulou.nothing" in ended.log


def _written(path: Path) -> bool:
    return path.is_file() and path.read_text() != ""


def _runs(pid: int) -> bool:
    """Return whether a process is there and no zombie: what it had started is taken up by whoever reaps orphans."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
