"""Which of the supervisor's processes have fallen silent, though they could have been heard.

Silence is counted in ticks that came on time, never read off a clock: while the whole machine is suspended, or the
supervisor is kept from running, there is none. A process that waits for a processor is not silent of itself either.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import psutil

TICK_S = 1.0
LATE_S = 1.0
"""A tick that comes so much later than asked for: this process was kept from running, so others may have been."""
STARVED_CPU_S = 0.1
"""A process that is ready to run and got less of a processor during its silence was starved; a beat takes 0.1 ms."""

State = Literal["starting", "beating", "hung"]


@dataclass(frozen=True, slots=True)
class ProcessActivity:
    """What the system says of a process: whether it waits to run, and the seconds of a processor it has used."""

    status: str
    cpu_s: float

    @property
    def waits(self) -> bool:
        """Say whether it waits for a processor, or for a disk."""
        return self.status in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)


def look_at(pid: int) -> ProcessActivity:
    """Look at a process; one that is gone waits for nothing."""
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return ProcessActivity(process.status(), times.user + times.system)
    except psutil.Error:
        return ProcessActivity("gone", 0.0)


class ProcessPulse:
    """What is heard of one process, over a pipe of which it has the other end."""

    def __init__(self, *, hung_s: float, look: Callable[[int], ProcessActivity] = look_at) -> None:
        self.state: State = "starting"
        self.silent_s = 0.0
        self._hung_s = hung_s
        self._look = look
        self._cpu_s = 0.0
        self._ours, self.theirs = os.pipe()
        os.set_blocking(self._ours, False)

    def listen(self, begun: Callable[[], None]) -> None:
        """Hear beats from now on; `begun` is called at the first."""

        def heard() -> None:
            if not _read(self._ours):  # the process has ended
                loop.remove_reader(self._ours)
                return
            first = self.state == "starting"
            self.state, self.silent_s = "beating", 0.0
            if first:
                begun()

        loop = asyncio.get_running_loop()
        loop.add_reader(self._ours, heard)

    def let_go(self) -> None:
        """Keep only the end that hears, once the process has its own."""
        os.close(self.theirs)

    def close(self) -> None:
        """Hear no more."""
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)

    def forgive(self) -> None:
        """Forget the silence so far: it was not the process's."""
        self.silent_s = 0.0

    def tick(self, pid: int, seconds: float) -> None:
        """Count time in which a beat would have been heard; the state becomes `hung` when it is too much."""
        if self.state != "beating" or not self._hung_s:
            return
        if not self.silent_s:
            self._cpu_s = self._look(pid).cpu_s
        self.silent_s += seconds
        if self.silent_s >= self._hung_s:
            seen = self._look(pid)
            if not seen.waits or seen.cpu_s - self._cpu_s >= STARVED_CPU_S:
                self.state = "hung"


async def on_time(tick: Callable[[float], None], late: Callable[[], None], *, tick_s: float = TICK_S) -> None:
    """Call `tick` with the seconds of each tick that came on time, and `late` instead of one that did not."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + tick_s
        await asyncio.sleep(tick_s)
        if loop.time() - due > LATE_S:
            late()
        else:
            tick(tick_s)


def _read(pipe: int) -> bytes:
    try:
        return os.read(pipe, 4096)
    except BlockingIOError:
        return b"."
