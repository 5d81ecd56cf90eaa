"""Tell everyone who listens which workers ended."""

import asyncio
from collections.abc import AsyncGenerator

from tulou.ports.launcher import WorkerStatus

WAITING_MOST = 1024
"""Whoever is further behind loses the oldest; `Launcher.list` still has the truth."""


class Exits:
    """A bounded queue for each listener."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[WorkerStatus]] = set()

    def tell(self, status: WorkerStatus) -> None:
        """Hand the news to each listener."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(status)

    def listen(self) -> AsyncGenerator[WorkerStatus]:
        """Yield what is told from now on, not from the first step of the iteration."""
        queue = asyncio.Queue[WorkerStatus](WAITING_MOST)
        self._queues.add(queue)
        return self._drain(queue)

    async def _drain(self, queue: asyncio.Queue[WorkerStatus]) -> AsyncGenerator[WorkerStatus]:
        try:
            while True:
                yield await queue.get()
        finally:
            self._queues.discard(queue)
