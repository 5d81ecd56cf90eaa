"""Wakes those who wait for work in this process, so that nobody has to ask again and again."""

import asyncio


class WorkNotifier:
    """Rung whenever there may be work."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def listen(self) -> "WorkSubscription":
        """Return an ear that hears every ring from now on: take it before looking, wait with it after."""
        return WorkSubscription(self._next)

    def ring(self) -> None:
        """Wake everybody who listens."""
        self._next.set()
        self._next = asyncio.Event()


class WorkSubscription:
    """Hears the first ring since it was made."""

    def __init__(self, rung: asyncio.Event) -> None:
        self._rung = rung

    async def wait(self, timeout_s: float) -> None:
        """Return at the ring, or after a time at the latest."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return
