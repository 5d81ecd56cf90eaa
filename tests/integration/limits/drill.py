"""Real processes that hammer one authority, and are killed."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from tulou.contracts.limits.messages import Limit

ROOT = Path(__file__).parents[3]


class Worker:
    """One gateway process; `through` are the times of the requests that it let through."""

    def __init__(self, url: str, limits: Sequence[Limit]) -> None:
        self._command = ("-m", "tests.integration.limits.worker", url, msgspec.json.encode(list(limits)).decode())
        self.through: list[float] = []
        self.kills = 0
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start, and read what it says."""
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(sys.executable, *self._command, cwd=ROOT, stdout=pipe)
        self._reading = asyncio.create_task(self._read(self._process))

    async def kill(self) -> None:
        """Kill it in the middle of whatever it does, and read what it said before."""
        if self._process is None or self._reading is None:
            return
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        await self._reading
        self.kills += 1
        self._process = None

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if line.endswith(b"\n"):
                self.through.append(float(line))


class ControlProcess:
    """The limits service in a process of its own; its socket is held here, as the supervisor does."""

    def __init__(self, directory: Path) -> None:
        self._database = f"sqlite:///{directory}/tulou.db"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.kills = 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it."""
        number = self._listener.fileno()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.integration.limits.control_process", self._database, str(number)),
            cwd=ROOT,
            pass_fds=[number],
        )

    async def kill(self) -> None:
        """Kill it without warning."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None
            self.kills += 1

    async def close(self) -> None:
        """End it for good."""
        await self.kill()
        self._listener.close()


@asynccontextmanager
async def workers(url: str, limits: Sequence[Limit], *, count: int = 4) -> AsyncGenerator[list[Worker]]:
    """Run gateways, each a process."""
    started = [Worker(url, limits) for _ in range(count)]
    for worker in started:
        await worker.start()
    try:
        yield started
    finally:
        for worker in started:
            await worker.kill()


def through(started: Sequence[Worker]) -> list[float]:
    """Return when requests were let through, by all of them, in order."""
    return sorted(moment for worker in started for moment in worker.through)


def exceeded_by(moments: Sequence[float], capacity: float, per_s: float) -> float:
    """Return by how much a rate was exceeded in the span of time where that was worst; 0 or less is well.

    More than `capacity + per_s * (b - a)` from a to b is a rise of `count - per_s * time` by more than `capacity`.
    """
    worst, bottom = -capacity, float("inf")
    for count, moment in enumerate(moments):
        bottom = min(bottom, count - per_s * moment)
        worst = max(worst, count + 1 - per_s * moment - bottom - capacity)
    return worst
