"""Silence is counted only while it could have been broken."""

import asyncio
import os
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tulou.assembly import watchdog
from tulou.assembly.watchdog import ProcessActivity, ProcessPulse, look_at, on_time
from tulou.testing.eventually import eventually

HUNG_S = 5.0
PID = 7
IDLE = ProcessActivity("sleeping", 1.0)


class Looks:
    """What the system would say, one look after the other; the last stays."""

    def __init__(self, *seen: ProcessActivity) -> None:
        self._seen = list(seen)

    def __call__(self, pid: int) -> ProcessActivity:
        assert pid == PID
        return self._seen.pop(0) if len(self._seen) > 1 else self._seen[0]


@contextmanager
def a_pulse(*seen: ProcessActivity) -> Generator[ProcessPulse]:
    pulse = ProcessPulse(hung_s=HUNG_S, look=Looks(*seen))
    pulse.listen(lambda: None)
    yield pulse
    pulse.close()
    pulse.let_go()


async def beat(pulse: ProcessPulse) -> None:
    os.write(pulse.theirs, b".")
    await eventually(lambda: pulse.state == "beating" and not pulse.silent_s)


def silence(pulse: ProcessPulse, seconds: int) -> None:
    for _ in range(seconds):
        pulse.tick(PID, 1.0)


async def test_a_process_that_has_not_begun_to_beat_may_take_as_long_as_it_wants() -> None:
    with a_pulse(IDLE) as pulse:
        silence(pulse, 1000)
        assert pulse.state == "starting"


async def test_a_beat_ends_a_silence() -> None:
    with a_pulse(IDLE) as pulse:
        await beat(pulse)
        silence(pulse, 4)
        await beat(pulse)
        silence(pulse, 4)
        assert pulse.state == "beating"
        silence(pulse, 1)
        assert pulse.state == "hung"


@pytest.mark.parametrize("status", ["running", "disk-sleep"])
async def test_a_process_that_waits_for_a_processor_or_a_disk_does_not_hang(status: str) -> None:
    with a_pulse(ProcessActivity(status, 7.0)) as pulse:
        await beat(pulse)
        silence(pulse, 100)
        assert pulse.state == "beating"


async def test_a_process_that_uses_a_processor_and_is_silent_hangs() -> None:
    with a_pulse(ProcessActivity("running", 7.0), ProcessActivity("running", 11.0)) as pulse:
        await beat(pulse)
        silence(pulse, 5)
        assert pulse.state == "hung"


async def test_a_process_that_is_gone_is_no_error() -> None:
    assert look_at(2**22 + 1) == ProcessActivity("gone", 0.0)


async def test_a_supervisor_that_was_kept_from_running_counts_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    moments = iter((0.0, 1.0, 1.0, 9.0, 9.0, 10.0, 10.0))
    counted: list[float] = []
    late: list[str] = []

    class Ticks:
        def time(self) -> float:
            try:
                return next(moments)
            except StopIteration:
                raise asyncio.CancelledError from None

    monkeypatch.setattr(watchdog.asyncio, "get_running_loop", Ticks)
    task = loop.create_task(on_time(counted.append, lambda: late.append("late"), tick_s=0.0))
    await asyncio.gather(task, return_exceptions=True)
    assert (counted, late) == ([0.0, 0.0], ["late"])
