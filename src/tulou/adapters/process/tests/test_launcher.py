"""Workers start, end, are adopted, and leave nothing behind."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tulou.adapters.process import folder as folder_module
from tulou.adapters.process import launcher as launcher_module
from tulou.adapters.process.folder import WorkerFolder
from tulou.adapters.process.launcher import LocalLauncher, open_launcher
from tulou.adapters.process.settings import LocalSettings
from tulou.adapters.process.tests.cases import settings_in, spec_of
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import ConflictError, InvalidError, UnavailableError
from tulou.ports.launcher import WorkerStatus
from tulou.testing.eventually import eventually

LAUNCHING = Path(__file__).with_name("launching.py")


@asynccontextmanager
async def opened(settings: LocalSettings) -> AsyncGenerator[LocalLauncher]:
    """Open a launcher whose workers do not outlive the test."""
    async with open_launcher(settings, clock=SystemClock()) as launcher:
        try:
            yield launcher
        finally:
            for worker in await launcher.list():
                await launcher.stop(worker.replica, grace_s=0)


async def status_of(launcher: LocalLauncher, replica: str) -> WorkerStatus:
    return next(worker for worker in await launcher.list() if worker.replica == replica)


def pid_of(status: WorkerStatus) -> int:
    return int(status.place.rpartition("/")[2])


async def started(settings: LocalSettings, replica: str) -> None:
    await eventually((settings.directory / replica / "started").exists)


async def left_behind(directory: Path) -> WorkerFolder:
    """Let another process start worker `a` and die; return what it left."""
    other = await asyncio.create_subprocess_exec(sys.executable, str(LAUNCHING), str(directory))
    assert await other.wait() == -signal.SIGKILL
    settings = settings_in(directory)
    await started(settings, "a")
    return WorkerFolder(path=settings.directory / "a", log=settings.logs / "worker-a.log")


def pid_in(folder: WorkerFolder) -> int:
    record = folder.record()
    assert record
    return record.pid


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_worker_that_ends_is_told_with_its_exit_code_and_last_words(tmp_path: Path) -> None:
    async with opened(settings_in(tmp_path)) as launcher:
        exits = aiter(launcher.exits())
        await launcher.launch(spec_of("a", exit=65))
        ended = await anext(exits)
        assert (ended.replica, ended.exit_code) == ("a", 65)
        assert "line of the worker" in ended.tail
        assert not psutil.pid_exists(pid_of(ended))
        assert (await status_of(launcher, "a")).exit_code == 65


async def test_a_killed_worker_takes_its_children_along(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with opened(settings) as launcher:
        exits = aiter(launcher.exits())
        status = await launcher.launch(spec_of("a", child=True))
        await started(settings, "a")
        child = int((settings.directory / "a" / "child").read_text())
        os.kill(pid_of(status), signal.SIGKILL)
        assert (await anext(exits)).exit_code == -signal.SIGKILL
        await eventually(lambda: is_gone(child))


async def test_a_worker_that_does_not_listen_is_killed_when_its_grace_is_over(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with opened(settings) as launcher:
        status = await launcher.launch(spec_of("a", stubborn=True))
        await started(settings, "a")
        await launcher.stop("a", grace_s=0.05)
        assert not psutil.pid_exists(pid_of(status))
        assert (await status_of(launcher, "a")).exit_code == -signal.SIGKILL


async def test_a_worker_that_listens_ends_by_itself(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with opened(settings) as launcher:
        await launcher.launch(spec_of("a"))
        await started(settings, "a")
        await launcher.stop("a", grace_s=30)
        assert (await status_of(launcher, "a")).exit_code == -signal.SIGTERM
        await launcher.stop("a", grace_s=30)
        await launcher.stop("nobody", grace_s=30)


async def test_a_later_launcher_adopts_what_runs_and_sees_it_end(tmp_path: Path) -> None:
    pid = pid_in(await left_behind(tmp_path))
    async with opened(settings_in(tmp_path)) as launcher:
        adopted = await status_of(launcher, "a")
        assert (pid_of(adopted), adopted.exit_code) == (pid, None)
        exits = aiter(launcher.exits())
        await launcher.stop("a", grace_s=30)
        assert (await anext(exits)).exit_code == 255
        assert is_gone(pid)


async def test_a_worker_that_ended_unseen_is_listed_as_ended(tmp_path: Path) -> None:
    pid = pid_in(await left_behind(tmp_path))
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: is_gone(pid))
    async with opened(settings_in(tmp_path)) as launcher:
        status = await status_of(launcher, "a")
        assert status.exit_code == 255
        assert "line of the worker" in status.tail


async def test_a_number_that_another_process_has_now_is_not_taken_for_the_worker(tmp_path: Path) -> None:
    folder = await left_behind(tmp_path)
    record = folder.record()
    assert record
    os.kill(record.pid, signal.SIGKILL)
    folder.keep(replace(record, pid=os.getpid()))
    async with opened(settings_in(tmp_path)) as launcher:
        assert (await status_of(launcher, "a")).exit_code == 255


async def test_a_worker_is_found_although_its_launcher_died_before_writing_it_down(tmp_path: Path) -> None:
    folder = await left_behind(tmp_path)
    pid = pid_in(folder)
    (folder.path / "worker.json").unlink()
    async with opened(settings_in(tmp_path)) as launcher:
        assert pid_of(await status_of(launcher, "a")) == pid


async def test_a_folder_of_a_worker_that_never_began_is_removed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    (settings.directory / "a").mkdir(parents=True)
    async with opened(settings) as launcher:
        assert await launcher.list() == []
        assert not (settings.directory / "a").exists()


async def test_the_spec_holds_secrets_and_is_for_this_user_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with opened(settings) as launcher:
        await launcher.launch(spec_of("a"))
        assert stat.S_IMODE((settings.directory / "a" / "spec.json").stat().st_mode) == 0o600


async def test_the_lifeline_is_handed_down(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    settings = settings_in(tmp_path, lifeline=writing)
    async with opened(settings) as launcher:
        await launcher.launch(spec_of("a"))
        await started(settings, "a")
        os.close(writing)
        os.set_blocking(reading, False)
        with pytest.raises(BlockingIOError):  # the worker still holds its copy of the writing end
            os.read(reading, 1)
        await launcher.stop("a", grace_s=0)
        assert os.read(reading, 1) == b""
        assert f"line of the worker {writing}" in (await status_of(launcher, "a")).tail
    os.close(reading)


async def test_a_worker_that_runs_is_not_started_twice_and_bad_names_are_refused(tmp_path: Path) -> None:
    async with opened(settings_in(tmp_path)) as launcher:
        await launcher.launch(spec_of("a"))
        with pytest.raises(ConflictError):
            await launcher.launch(spec_of("a"))
        with pytest.raises(InvalidError):
            await launcher.launch(spec_of("../a"))


async def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    async with opened(settings_in(tmp_path, command=("/nowhere/program",))) as launcher:
        with pytest.raises(UnavailableError, match="/nowhere/program"):
            await launcher.launch(spec_of("a"))


async def test_only_so_many_ends_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher_module, "REMEMBERED", 1)
    settings = settings_in(tmp_path)
    async with opened(settings) as launcher:
        exits = aiter(launcher.exits())
        for name in "ab":
            await launcher.launch(spec_of(name, exit=0))
            await anext(exits)
        assert [worker.replica for worker in await launcher.list()] == ["b"]
        assert [path.name for path in settings.directory.iterdir()] == ["b"]


async def test_a_log_that_grew_too_long_keeps_its_newer_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "LOG_MOST", 100)
    folder = WorkerFolder(path=tmp_path, log=tmp_path / "log")
    lines = [f"line {number:03}" for number in range(50)]
    with folder.log.open("a") as appending:
        appending.write("\n".join(lines) + "\n")
        appending.flush()
        folder.trim_log()
        appending.write("line after\n")
    kept = folder.log.read_text().splitlines()
    assert kept[-2:] == ["line 049", "line after"]
    assert folder.log.stat().st_size <= 100


async def test_no_child_is_left_to_be_reaped(tmp_path: Path) -> None:
    async with opened(settings_in(tmp_path)) as launcher:
        exits = aiter(launcher.exits())
        for name in "abc":
            await launcher.launch(spec_of(name, exit=0))
        for _ in "abc":
            await anext(exits)
        assert [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE] == []


async def test_room_tells_of_memory_cores_and_engines(tmp_path: Path) -> None:
    async with opened(settings_in(tmp_path)) as launcher:
        room = await launcher.room()
        assert room.memory > 0
        assert room.cores > 0
        assert "llamacpp" in room.engines
