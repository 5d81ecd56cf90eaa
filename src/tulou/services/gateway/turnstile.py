"""How much this process takes in at once: requests in work, requests that wait, and the bytes of their bodies.

Of each, one tenant may have a part at most, so that the others always find room.
"""

import asyncio

from tulou.kernel.shares import FairShares
from tulou.services.gateway.line import BackoffLine, Turn
from tulou.services.gateway.refusals import OverloadedError, TenantShareError

RETRY_AFTER_S = 1.0


class Turnstile:
    """Who finds no place waits for a turn; who finds the queue full is sent away at once. Batches come after others.

    While a place is free, only those wait whose tenant has its part of the places.
    """

    def __init__(self, *, in_flight: int, queue: int, queue_s: float, bodies_bytes: int, tenant_share: float) -> None:
        self.inside = 0
        self._in_flight = in_flight
        self._queue = queue
        self._queue_s = queue_s
        self._most_inside = max(1, int(in_flight * tenant_share))
        self._most_waiting = max(1, int(queue * tenant_share))
        self._inside: dict[str, int] = {}
        self._bodies = FairShares(bodies_bytes, refusal=_bodies_refused, part=tenant_share)
        self._waiting, self._batches = BackoffLine(), BackoffLine()

    @property
    def queued(self) -> int:
        """How many requests wait."""
        return self._waiting.length + self._batches.length

    @property
    def bytes(self) -> int:
        """What bodies take, as far as they have come or are announced."""
        return self._bodies.held

    def try_enter(self, tenant: str) -> bool:
        """Enter if there is a place for this tenant."""
        mine = self._inside.get(tenant, 0)
        if self.inside >= self._in_flight or mine >= self._most_inside:
            return False
        self._inside[tenant] = mine + 1
        self.inside += 1
        return True

    async def wait(self, tenant: str, *, batch: bool = False) -> None:
        """Enter when it is this request's turn; raise what says why there is no room to wait, or no time."""
        line = self._batches if batch else self._waiting
        self._check_room(tenant)
        turn: Turn = asyncio.get_running_loop().create_future()
        line.join(tenant, turn)
        try:
            async with asyncio.timeout(self._queue_s):
                await turn
        except TimeoutError as error:
            raise self._refusal(tenant, f"the request waited {self._queue_s:g} s for its turn") from error
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(tenant)
            raise
        finally:
            line.forget(tenant, turn)

    def leave(self, tenant: str) -> None:
        """Make room; the next in line takes it over."""
        left = self._inside[tenant] - 1
        if left:
            self._inside[tenant] = left
        else:
            del self._inside[tenant]
        self.inside -= 1
        if self._waiting.length or self._batches.length:
            self._call_next()

    def carry(self, size: int, tenant: str) -> None:
        """Take a body in, or what it says it will be; raise the refusal when bodies take all the memory they may."""
        self._bodies.take(tenant, size)

    def drop(self, size: int, tenant: str) -> None:
        """Let go of a body."""
        self._bodies.give(tenant, size)

    def _call_next(self) -> None:
        while self.inside < self._in_flight and (
            called := self._waiting.call(self._may) or self._batches.call(self._may)
        ):
            tenant, turn = called
            if not turn.done() and self.try_enter(tenant):
                turn.set_result(None)

    def _may(self, tenant: str) -> bool:
        return self._inside.get(tenant, 0) < self._most_inside

    def _check_room(self, tenant: str) -> None:
        if self.queued >= self._queue:
            raise _overloaded(f"{self.inside} requests are in work and {self.queued} wait")
        waiting = self._waiting.waiting(tenant) + self._batches.waiting(tenant)
        if waiting >= self._most_waiting:
            mine = self._inside.get(tenant, 0)
            raise _share_taken(f"{mine} of its requests are in work and {waiting} wait, as many as one tenant may have")

    def _refusal(self, tenant: str, why: str) -> OverloadedError | TenantShareError:
        full = self.inside >= self._in_flight
        return (
            _overloaded(why)
            if full or self._may(tenant)
            else _share_taken(f"{why}, behind this tenant's other requests")
        )


def _bodies_refused(why: str) -> OverloadedError:
    return _overloaded(f"request bodies take the memory that they may; of their bytes, {why}")


def _overloaded(why: str) -> OverloadedError:
    return OverloadedError(f"the gateway is overloaded: {why}; try again in a moment", retry_after_s=RETRY_AFTER_S)


def _share_taken(why: str) -> TenantShareError:
    return TenantShareError(
        f"this tenant has its part of the gateway: {why}; send fewer at once, or try again in a moment",
        retry_after_s=RETRY_AFTER_S,
    )
