"""`tulou up`: holds the house's directory, ports and lifeline, and keeps its processes running.

It does nothing else, so that it has no reason to fail: no database, no requests, no models.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import structlog

from tulou.assembly.child import Child
from tulou.assembly.claims import claim_directory, claim_gate, listen
from tulou.assembly.environment import ALLOCATOR, CONTROL_FD, LIFELINE_FD, ProcessEnvironment, reachable
from tulou.assembly.life import Program
from tulou.assembly.lifeline import Lifeline
from tulou.assembly.orphans import adopt_orphans, bury_orphans
from tulou.assembly.running import RunningHouse, standing_file, write_standing
from tulou.assembly.systemd import VARIABLES, Systemd
from tulou.assembly.watchdog import on_time
from tulou.kernel.clock import SystemClock

log = structlog.get_logger()

WORKERS_LEAVE_S = 40.0
LEAST_GATEWAYS = 2


class Supervisor:
    """Owns what must outlive any single process of the house."""

    def __init__(self, around: ProcessEnvironment) -> None:
        self._around = around
        self._clock = SystemClock()
        self._lock: IO[str] = claim_directory(around.directory)
        self._gate: socket.socket = claim_gate(around.house.host, around.house.port)
        self._control: socket.socket = listen(*control_address(around.house.control_url))
        self._lifeline = Lifeline()
        self._systemd = Systemd(around.environment)
        self._children: list[Child] = []
        self.standing = self._describe()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the house up until `stop` is set, then take it down in order: gateways, control, workers.

        Raise what a process failed of that never came to serve; one that once served is started again for ever.
        """
        folder = self._around.directory / "log"
        folder.mkdir(parents=True, exist_ok=True)
        self._children = [self._child("control", ["control"], folder)]
        for number in range(self.standing.gateways):
            self._children.append(self._child(f"gateway-{number}", ["gateway", "--number", str(number)], folder))
        write_standing(self._around.directory, self.standing)
        adopt_orphans()
        running = [asyncio.create_task(child.run(), name=child.name) for child in self._children]
        beside = [
            asyncio.create_task(bury_orphans(lambda: {child.last_pid for child in self._children})),
            asyncio.create_task(on_time(self._tick, self._forgive)),
            asyncio.create_task(self._tell_ready()),
        ]
        try:
            await _first_end([asyncio.create_task(stop.wait()), *running])
        finally:
            await self._take_down([*running, *beside])

    def _tick(self, seconds: float) -> None:
        self._systemd.beat()
        for child in self._children:
            child.tick(seconds)

    def _forgive(self) -> None:
        log.warning("supervisor_was_late")
        for child in self._children:
            child.forgive()

    async def _tell_ready(self) -> None:
        """Say so once every process has come to serve."""
        for child in self._children:
            await child.stood.wait()
        self.standing = replace(self.standing, ready=True)
        write_standing(self._around.directory, self.standing)
        self._systemd.ready()

    async def _take_down(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        self._systemd.stopping()
        drain_s = self._around.house.drain_s
        control, gateways = self._children[0], self._children[1:]
        await asyncio.gather(*(child.stop(within_s=drain_s + 5) for child in gateways))
        await control.stop(within_s=drain_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._control.close()  # so that workers who still want to tell control something are refused at once
        if not await self._lifeline.release(within_s=WORKERS_LEAVE_S):
            log.warning("workers_stayed", waited_s=WORKERS_LEAVE_S)
        with suppress(FileNotFoundError):
            standing_file(self._around.directory).unlink()
        self._gate.close()
        self._lock.close()
        log.info("house_down")

    def _child(self, name: str, arguments: list[str], folder: Path) -> Child:
        control, lifeline = self._control.fileno(), self._lifeline.inherited
        inherited = {key: value for key, value in (ALLOCATOR | os.environ).items() if key not in VARIABLES}
        house = self._around.house
        program = Program(
            name=name,
            command=(sys.executable, "-m", "tulou", "run", *arguments),
            environment=inherited
            | {
                "TULOU_HOUSE__DIRECTORY": str(self._around.directory),
                "TULOU_HOUSE__PORT": str(self._gate.getsockname()[1]),
                "TULOU_HOUSE__CONTROL_URL": self.standing.control_url,
                CONTROL_FD: str(control),
                LIFELINE_FD: str(lifeline),
            },
            fds=(lifeline, control) if name == "control" else (lifeline,),
            output=folder / f"{name}.out",
            hung_s=house.control_hung_s if name == "control" else house.hung_s,
        )
        return Child(program, clock=self._clock)

    def _describe(self) -> RunningHouse:
        house = self._around.house
        return RunningHouse(
            name=house.name,
            pid=os.getpid(),
            gate_url=f"http://{reachable(house.host)}:{self._gate.getsockname()[1]}",
            control_url="http://{}:{}".format(*self._control.getsockname()[:2]),
            started_at=self._clock.now(),
            gateways=house.gateways or max(LEAST_GATEWAYS, (os.cpu_count() or 1) // 2),
            ready=False,
        )


async def _first_end(tasks: Sequence["asyncio.Task[None] | asyncio.Task[bool]"]) -> None:
    """Wait for whichever ends first; raise what it failed of."""
    waiting = tasks[0]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        waiting.cancel()


def control_address(url: str) -> tuple[str, int]:
    """Return where control listens: what the settings say, or a free loopback port."""
    host, _, port = url.removeprefix("http://").rstrip("/").rpartition(":")
    return (host or "127.0.0.1", int(port or 0))
