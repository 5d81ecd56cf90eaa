"""The port `Launcher` over processes of this machine."""

import asyncio
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from tulou.adapters.process.birth import birth
from tulou.adapters.process.exits import Exits
from tulou.adapters.process.folder import WorkerFolder, WorkerRecord, folder_of, folders
from tulou.adapters.process.process import UNKNOWN_EXIT, WorkerProcess
from tulou.adapters.process.room import measure_room
from tulou.adapters.process.settings import LocalSettings
from tulou.adapters.process.starting import recall, start
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, InvalidError, UnavailableError
from tulou.ports.launcher import WorkerRoom, WorkerSpec, WorkerStatus

WORKERS_MOST = 256
REMEMBERED = 64
"""How many workers that ended are listed with their last words; older ones are forgotten, their logs too."""
TRIM_EVERY_S = 2.0
KILL_DEADLINE_S = 10.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Worker:
    status: WorkerStatus
    folder: WorkerFolder
    process: WorkerProcess | None = None
    following: asyncio.Task[None] | None = None


@asynccontextmanager
async def open_launcher(settings: LocalSettings, *, clock: Clock) -> AsyncGenerator["LocalLauncher"]:
    """Adopt the workers that an earlier launcher left, and let go of all of them in the end."""
    launcher = LocalLauncher(settings, clock=clock)
    launcher.adopt()
    try:
        yield launcher
    finally:
        await launcher.close()


class LocalLauncher:
    """Workers are processes in sessions of their own. Closing the launcher ends none of them."""

    def __init__(self, settings: LocalSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._workers: dict[str, _Worker] = {}
        self._exits = Exits()
        self._trimming: asyncio.Task[None] | None = None

    def adopt(self) -> None:
        """Find the workers of an earlier life: those that still run, and those that ended unseen."""
        for folder in folders(self._settings.directory, self._settings.logs):
            record = recall(folder, now=self._clock.now())
            if record is None:
                folder.remove()
            elif record.birth and birth(record.pid) == record.birth:
                log.info("worker_adopted", replica=record.replica, pid=record.pid)
                self._follow(_Worker(_status(record), folder, WorkerProcess(record.pid, record.birth)))
            else:
                ended = replace(_status(record), exit_code=UNKNOWN_EXIT, tail=folder.tail())
                self._workers[record.replica] = _Worker(ended, folder)
        self._forget_oldest()
        self._trimming = asyncio.create_task(self._trim_logs())

    async def room(self) -> WorkerRoom:
        """Say how much room there is now."""
        return await asyncio.to_thread(measure_room)

    async def launch(self, spec: WorkerSpec) -> WorkerStatus:
        """Start a worker; raise `UnavailableError` when there is no room, `ConflictError` if it runs already."""
        self._check(spec.replica)
        folder = folder_of(self._settings.directory, self._settings.logs, spec.replica)
        started = start(spec, folder, self._settings, now=self._clock.now())
        status = _status(started.record)
        self._follow(_Worker(status, folder, started.process))
        log.info("worker_started", replica=spec.replica, deployment=spec.deployment, pid=started.record.pid)
        return status

    async def stop(self, replica: str, *, grace_s: float) -> None:
        """Ask a worker to end, make it end after `grace_s` seconds, return once it is gone; unknown is no error."""
        worker = self._workers.get(replica)
        if worker is None or worker.process is None or worker.following is None:
            return
        if grace_s > 0:
            worker.process.ask_to_end()
        await asyncio.wait({worker.following}, timeout=grace_s)
        if not worker.following.done():
            worker.process.kill()
            await asyncio.wait({worker.following}, timeout=KILL_DEADLINE_S)
        if not worker.following.done():
            raise UnavailableError(f"worker {replica!r} did not end within {KILL_DEADLINE_S:g} s of being killed")

    async def list(self) -> Sequence[WorkerStatus]:
        """Return the workers that run, and those that ended since they were launched."""
        return [worker.status for worker in self._workers.values()]

    def exits(self) -> AsyncIterator[WorkerStatus]:
        """Yield each worker as it ends."""
        return self._exits.listen()

    async def close(self) -> None:
        """Let go of the workers without ending them."""
        tasks = [worker.following for worker in self._workers.values() if worker.following]
        tasks += [self._trimming] if self._trimming else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _check(self, replica: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", replica):
            raise InvalidError(f"a worker cannot be named {replica!r}; letters, digits, - and _ only", param="replica")
        running = {name for name, worker in self._workers.items() if worker.status.exit_code is None}
        if replica in running:
            raise ConflictError(f"worker {replica!r} runs already")
        if len(running) >= WORKERS_MOST:
            raise UnavailableError(f"{WORKERS_MOST} workers run on this machine already; stop some first")

    def _follow(self, worker: _Worker) -> None:
        self._workers[worker.status.replica] = worker
        worker.following = asyncio.create_task(self._until_end(worker), name=f"worker {worker.status.replica}")

    async def _until_end(self, worker: _Worker) -> None:
        if worker.process is None:
            return
        code = await worker.process.ended()
        worker.status = replace(worker.status, exit_code=code, tail=worker.folder.tail())
        log.info("worker_ended", replica=worker.status.replica, exit_code=code)
        self._forget_oldest()
        self._exits.tell(worker.status)

    def _forget_oldest(self) -> None:
        ended = [name for name, worker in self._workers.items() if worker.status.exit_code is not None]
        for name in ended[: max(0, len(ended) - REMEMBERED)]:
            self._workers.pop(name).folder.remove()

    async def _trim_logs(self) -> None:
        while True:
            await asyncio.sleep(TRIM_EVERY_S)
            for worker in list(self._workers.values()):
                try:
                    await asyncio.to_thread(worker.folder.trim_log)
                except OSError as error:
                    log.warning("worker_log_not_trimmed", replica=worker.status.replica, error=str(error))


def _status(record: WorkerRecord) -> WorkerStatus:
    return WorkerStatus(
        replica=record.replica,
        deployment=record.deployment,
        place=f"{socket.gethostname()}/{record.pid}",
        started_at=record.started_at,
    )
