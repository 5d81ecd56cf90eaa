"""A folder for each training at work, gone when it is; what a killed process left is found by the next attempt."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tulou.kernel.errors import UnavailableError


class Workplace:
    """Folders under one root, named by jobs."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @asynccontextmanager
    async def folder(self, job: str) -> AsyncGenerator[Path]:
        """Open a job's folder; raise `UnavailableError` when the disk refuses, which a later attempt may not meet."""
        place = self._root / job
        try:
            await asyncio.to_thread(place.mkdir, parents=True, exist_ok=True)
            yield place
        except OSError as error:
            why = error.strerror or str(error)
            raise UnavailableError(f"{error.filename or place}: {why}; make room, it is tried again") from error
        finally:
            await self.remove(job)

    async def leftovers(self) -> list[str]:
        """Return the jobs whose folders are there."""
        return await asyncio.to_thread(lambda: [path.name for path in self._root.glob("*") if path.is_dir()])

    async def remove(self, job: str) -> None:
        """Remove a job's folder if it is there."""
        await asyncio.to_thread(shutil.rmtree, self._root / job, ignore_errors=True)
