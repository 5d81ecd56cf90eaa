"""A folder for each job at work, gone when the job is; what a killed process left is found by the next."""

import asyncio
import errno
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import NameJob
from tulou.kernel.context import as_house
from tulou.kernel.errors import NotFoundError, TulouError, UnavailableError

MARGIN = 64 * 1024 * 1024
"""Bytes that stay free on the disk: others live there too, the database among them."""

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class JobFolders:
    """Folders under one root, named by jobs."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @asynccontextmanager
    async def folder(self, job: str, *, needs: int = 0) -> AsyncGenerator[Path]:
        """Open a job's folder; raise `UnavailableError` when the disk has no room for so many bytes more, or refuses.

        The folder may hold files of an earlier attempt whose process was killed.
        """
        place = self._root / job
        try:
            await asyncio.to_thread(self._open, place, needs)
            yield place
        except OSError as error:
            raise _explained(error, self._root) from error
        finally:
            await self.remove(job)

    @asynccontextmanager
    async def clearing(self, jobs: Jobs, *, service: str) -> AsyncGenerator[None]:
        """While the block runs, remove the folders of jobs that will not be tried again, once."""
        async with asyncio.TaskGroup() as group:
            with as_house(f"{service} clears its folder"):
                clearing = group.create_task(self._clear(jobs))
            try:
                yield
            finally:
                clearing.cancel()

    async def leftovers(self) -> list[str]:
        """Return the jobs whose folders are there."""
        return await asyncio.to_thread(lambda: [path.name for path in self._root.glob("*") if path.is_dir()])

    async def remove(self, job: str) -> None:
        """Remove a job's folder if it is there."""
        await asyncio.to_thread(shutil.rmtree, self._root / job, ignore_errors=True)

    async def _clear(self, jobs: Jobs) -> None:
        for job in await self.leftovers():
            try:
                gone = (await jobs.job(NameJob(id=job))).finished_at is not None
            except NotFoundError:
                gone = True
            except TulouError as error:  # the queue is not up yet; the next start clears
                log.warning("job_folders_kept", root=str(self._root), error=str(error))
                return
            if gone:
                await self.remove(job)

    def _open(self, place: Path, needs: int) -> None:
        place.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place).free
        if needs and free < needs + MARGIN:
            raise UnavailableError(
                f"this job needs up to {needs >> 20} MiB in {self._root}, and {free >> 20} MiB are free; make room"
            )


def _explained(error: OSError, root: Path) -> TulouError:
    if error.errno in _DISK_FULL:
        return UnavailableError(f"the disk that holds {error.filename or root} is full; make room, it is tried again")
    return UnavailableError(f"{error.filename or root}: {error.strerror or error}")
