"""`tulou up`: holds the house's directory, ports and lifeline, and keeps its processes running.

It does nothing else, so that it has no reason to fail: no database, no requests, no models.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import structlog

from tulou.assembly.child import Child
from tulou.assembly.claims import claim_directory, claim_gate, listen
from tulou.assembly.environment import CONTROL_FD, LIFELINE_FD, Surroundings, reachable
from tulou.assembly.lifeline import Lifeline
from tulou.assembly.orphans import adopt_orphans, bury_orphans
from tulou.kernel.clock import SystemClock
from tulou.kernel.message import message

log = structlog.get_logger()

WORKERS_LEAVE_S = 40.0
LEAST_GATEWAYS = 2


@message
class Standing:
    """What `run/house.json` says of a house that is up."""

    name: str
    pid: int
    gate_url: str
    control_url: str
    started_at: float
    gateways: int


class Supervisor:
    """Owns what must outlive any single process of the house."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._clock = SystemClock()
        self._lock: IO[str] = claim_directory(around.directory)
        self._gate: socket.socket = claim_gate(around.house.host, around.house.port)
        self._control: socket.socket = listen(*control_address(around.house.control_url))
        self._lifeline = Lifeline()
        self._children: list[Child] = []
        self.standing = self._describe()

    async def run(self, stop: asyncio.Event, *, started: Callable[["Supervisor"], None]) -> None:
        """Keep the house up until `stop` is set, then take it down in order: gateways, control, workers."""
        log_folder = self._around.directory / "log"
        log_folder.mkdir(parents=True, exist_ok=True)
        self._children = [self._child("control", ["control"], log_folder)]
        for number in range(self.standing.gateways):
            self._children.append(self._child(f"gateway-{number}", ["gateway", "--number", str(number)], log_folder))
        write_standing(self._around.directory, self.standing)
        adopt_orphans()
        tasks = [asyncio.create_task(child.run(), name=child.name) for child in self._children]
        tasks.append(asyncio.create_task(bury_orphans(lambda: {child.last_pid for child in self._children})))
        started(self)
        try:
            await stop.wait()
        finally:
            await self._take_down(tasks)

    def trouble(self) -> str:
        """Return what a process that keeps ending said last, or nothing."""
        return "\n".join(
            f"{child.name} ended {child.restarts} times; its last words:\n{child.last_words()}"
            for child in self._children
            if child.restarts
        )

    async def _take_down(self, tasks: list[asyncio.Task[None]]) -> None:
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
        environment = os.environ | {
            "TULOU_HOUSE__DIRECTORY": str(self._around.directory),
            "TULOU_HOUSE__PORT": str(self._gate.getsockname()[1]),
            "TULOU_HOUSE__CONTROL_URL": self.standing.control_url,
            CONTROL_FD: str(control),
            LIFELINE_FD: str(lifeline),
        }
        fds = [lifeline, control] if name == "control" else [lifeline]
        file = folder / f"{name}.out"
        return Child(name, arguments, environment=environment, fds=fds, log_file=file, clock=self._clock)

    def _describe(self) -> Standing:
        house = self._around.house
        return Standing(
            name=house.name,
            pid=os.getpid(),
            gate_url=f"http://{reachable(house.host)}:{self._gate.getsockname()[1]}",
            control_url="http://{}:{}".format(*self._control.getsockname()[:2]),
            started_at=self._clock.now(),
            gateways=house.gateways or max(LEAST_GATEWAYS, (os.cpu_count() or 1) // 2),
        )


def control_address(url: str) -> tuple[str, int]:
    """Return where control listens: what the settings say, or a free loopback port."""
    host, _, port = url.removeprefix("http://").rstrip("/").rpartition(":")
    return (host or "127.0.0.1", int(port or 0))


def standing_file(directory: Path) -> Path:
    """Return where a house that is up describes itself."""
    return directory / "run" / "house.json"


def write_standing(directory: Path, standing: Standing) -> None:
    """Describe the house for the command line, all at once."""
    file = standing_file(directory)
    fresh = file.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(standing))
    fresh.replace(file)


def read_standing(directory: Path) -> Standing | None:
    """Return the description of the house that is up in a directory, if one is."""
    try:
        return msgspec.json.decode(standing_file(directory).read_bytes(), type=Standing)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
