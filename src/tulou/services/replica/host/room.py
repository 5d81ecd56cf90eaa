"""So many requests at a time, so many more in a queue, and none of them for ever."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.kernel.errors import DeadlineError, UnavailableError


class RequestSlots:
    """A bounded number of places; first come, first served."""

    def __init__(self, *, places: int, queue: int, wait_s: float) -> None:
        self._free = asyncio.Semaphore(places)
        self._places = places
        self._queue = queue
        self._wait_s = wait_s
        self.running = 0
        self.waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Hold a place; raise `UnavailableError` when the queue is full, `DeadlineError` after waiting too long."""
        await self._enter()
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._free.release()

    async def _enter(self) -> None:
        if self._free.locked() and self.waiting >= self._queue:
            raise UnavailableError(
                f"all {self._places} places are taken and {self._queue} requests wait; try another replica, or later",
                retry_after_s=1.0,
            )
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise DeadlineError(f"no place came free within {self._wait_s:g} s (replica queue)") from None
        finally:
            self.waiting -= 1
