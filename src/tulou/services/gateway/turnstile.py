"""How much this process takes in at once: requests in work, requests that wait, and the bytes of their bodies."""

import asyncio
from collections import deque

from tulou.services.gateway.refusals import OverloadedError

RETRY_AFTER_S = 1.0


class Turnstile:
    """First come, first served, batches after all others; whoever finds the queue full is sent away at once."""

    def __init__(self, *, in_flight: int, queue: int, queue_s: float, bodies_bytes: int) -> None:
        self.inside = 0
        self.bytes = 0
        self._in_flight = in_flight
        self._queue = queue
        self._queue_s = queue_s
        self._bodies_bytes = bodies_bytes
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._batches: deque[asyncio.Future[None]] = deque()

    @property
    def queued(self) -> int:
        """How many requests wait."""
        return len(self._waiting) + len(self._batches)

    def try_enter(self) -> bool:
        """Enter if there is room and nobody waits."""
        if self.inside >= self._in_flight or self._waiting:
            return False
        self.inside += 1
        return True

    async def wait(self, *, batch: bool = False) -> None:
        """Enter when it is this request's turn; raise `OverloadedError` when there is no room to wait or no time."""
        waiting = self._batches if batch else self._waiting
        if self.queued >= self._queue:
            raise _overloaded(f"{self.inside} requests are in work and {self.queued} wait")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            async with asyncio.timeout(self._queue_s):
                await turn
        except TimeoutError as error:
            raise _overloaded(f"the request waited {self._queue_s:g} s for its turn") from error
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise
        finally:
            if turn in waiting:
                waiting.remove(turn)

    def leave(self) -> None:
        """Make room; the next in line takes it over."""
        while waiting := self._waiting or self._batches:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.inside -= 1

    def carry(self, size: int) -> None:
        """Take a body in; raise `OverloadedError` when bodies take all the memory they may."""
        if self.bytes + size > self._bodies_bytes:
            raise _overloaded(f"request bodies take {self.bytes} bytes of memory")
        self.bytes += size

    def drop(self, size: int) -> None:
        """Let go of a body."""
        self.bytes -= size


def _overloaded(why: str) -> OverloadedError:
    return OverloadedError(f"the gateway is overloaded: {why}; try again in a moment", retry_after_s=RETRY_AFTER_S)
