"""A process that hangs is ended and replaced, one that cannot start is given up, and each with the reason."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from tulou.assembly.child import Child
from tulou.assembly.life import Program
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.testing.eventually import eventually

BEATER = Path(__file__).with_name("beater.py")
HUNG_S = 3.0


def child(folder: Path, does: str, *, hung_s: float = HUNG_S, give_up_s: float = 60.0) -> Child:
    program = Program(
        name="gateway-0",
        command=(sys.executable, str(BEATER), does, str(folder)),
        environment=dict(os.environ),
        fds=(),
        output=folder / "gateway-0.out",
        hung_s=hung_s,
    )
    return Child(program, clock=SystemClock(), give_up_s=give_up_s)


@asynccontextmanager
async def running(one: Child) -> AsyncGenerator[int]:
    """Run a child until it beats; yield its process."""
    task = asyncio.create_task(one.run())
    try:
        await one.stood.wait()
        assert one.last_pid is not None
        yield one.last_pid
    finally:
        await one.stop(within_s=0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def silence(one: Child, first: int) -> None:
    """Let time pass for the watchdog alone until another process runs."""

    def replaced() -> bool:
        one.tick(1.0)
        return one.last_pid != first

    await eventually(replaced)


@pytest.mark.parametrize(("does", "where"), [("spins", "in spins"), ("deadlocks", "in deadlocks")])
async def test_a_process_whose_loop_is_stuck_is_replaced_and_the_log_says_where_it_was(
    tmp_path: Path, does: str, where: str
) -> None:
    one = child(tmp_path, does)
    with structlog.testing.capture_logs() as logs:
        async with running(one) as first:
            await silence(one, first)
    (hung,) = [entry for entry in logs if entry["event"] == "process_hung"][:1]
    assert where in hung["stacks"]
    assert hung["child"] == "gateway-0"


async def test_a_process_that_was_stopped_is_replaced(tmp_path: Path) -> None:
    one = child(tmp_path, "stops")
    with structlog.testing.capture_logs() as logs:
        async with running(one) as first:
            await silence(one, first)
    assert [entry["state"] for entry in logs if entry["event"] == "process_hung"][:1] == ["stopped"]


async def test_a_silence_in_which_nobody_listened_is_forgiven(tmp_path: Path) -> None:
    one = child(tmp_path, "deadlocks")
    with structlog.testing.capture_logs() as logs:
        async with running(one) as first:
            for _ in range(5):
                one.tick(HUNG_S - 1)
                one.forgive()
            assert one.last_pid == first
    assert not [entry for entry in logs if entry["event"] == "process_hung"]


async def test_a_process_is_never_ended_for_silence_where_the_settings_say_so(tmp_path: Path) -> None:
    one = child(tmp_path, "deadlocks", hung_s=0.0)
    async with running(one) as first:
        for _ in range(1000):
            one.tick(60.0)
            await asyncio.sleep(0)
        assert one.last_pid == first


async def test_what_another_try_would_not_change_is_raised_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"gateway-0 cannot start: \[house\] port = 'x'"):
        await child(tmp_path, "refuses").run()


async def test_a_process_that_never_served_is_given_up_with_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"gateway-0 cannot start: ModuleNotFoundError: No module named"):
        await child(tmp_path, "fails", give_up_s=0.2).run()


async def test_a_process_that_serves_and_is_killed_again_and_again_is_started_again_at_once_each_time(
    tmp_path: Path,
) -> None:
    one = child(tmp_path, "serves", give_up_s=0.0)
    with structlog.testing.capture_logs() as logs:
        async with running(one) as first:
            pid = first
            for _ in range(4):
                await eventually(lambda: one.serves)
                os.kill(pid, 9)
                pid = await eventually(lambda last=pid: one.last_pid if one.last_pid != last else None) or 0
    assert [entry["restart_in_s"] for entry in logs if entry["event"] == "process_ended"][:4] == [0.1] * 4


async def test_a_process_that_served_once_is_not_given_up_though_it_fails_from_then_on(tmp_path: Path) -> None:
    one = child(tmp_path, "once", give_up_s=0.0)
    with structlog.testing.capture_logs() as logs:
        async with running(one):
            await eventually(lambda: len([entry for entry in logs if entry["event"] == "process_ended"]) > 2)
    pauses = [entry["restart_in_s"] for entry in logs if entry["event"] == "process_ended"]
    assert pauses[:3] == [0.1, 0.2, 0.4]


async def test_a_program_that_the_system_does_not_start_is_a_failure_as_any_other(tmp_path: Path) -> None:
    program = Program(
        name="gateway-0",
        command=(str(tmp_path / "none"),),
        environment={},
        fds=(),
        output=tmp_path / "gateway-0.out",
        hung_s=HUNG_S,
    )
    with pytest.raises(UnavailableError, match="the system would not start it"):
        await Child(program, clock=SystemClock(), give_up_s=0.2).run()
