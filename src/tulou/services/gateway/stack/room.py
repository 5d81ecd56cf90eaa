"""What whole answers take of this process's memory while they are read, turned and sent: of each tenant a part at most.

Small ones are not counted. A large one waits for room before the rest of it is read, so that its upstream waits, too.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from tulou.chassis.http.exchange import Exchange
from tulou.services.gateway.refusals import SpentError
from tulou.services.gateway.stack.call import Call

LENGTH = b"content-length"


class _Line:
    """One tenant's answers."""

    __slots__ = ("held", "waiting")

    def __init__(self) -> None:
        self.held = 0
        self.waiting: deque[tuple[int, asyncio.Future[None]]] = deque()


class Room:
    """Bytes, first come, first served: a tenant has `share` of `total`, and an answer that is larger all of that."""

    def __init__(self, *, total: int, share: float, answer_bytes: int) -> None:
        self._each = max(1, int(total * share))
        self._answer_bytes = answer_bytes
        self._lines: dict[str, _Line] = {}

    def read(self, call: Call, exchange: Exchange, *, times: int) -> Awaitable[bytes]:
        """Return an answer's whole body, which will be in memory so many times until the call is over.

        Raise `OversizeError` for one that is larger than any may be, `SpentError` where there is no room in time: that
        is nothing the replica did.
        """
        return exchange.read(at_most=self._answer_bytes, large=partial(self._large, call, exchange, times))

    async def _large(self, call: Call, exchange: Exchange, times: int) -> None:
        stated = exchange.header(LENGTH)
        size = int(stated) if stated.isdigit() else self._answer_bytes
        if call.room is not None:
            call.room.close()  # of an attempt before this one
        call.room = await self._enter(call.grant.tenant, size * times, until=exchange.total_due)

    async def _enter(self, tenant: str, size: int, *, until: float) -> "Held":
        size = min(size, self._each)
        line = self._lines.setdefault(tenant, _Line())
        if line.waiting or line.held + size > self._each:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            line.waiting.append((size, turn))
            try:
                async with asyncio.timeout_at(until):
                    await turn
            except BaseException as error:
                if turn.done() and not turn.cancelled():
                    self._leave(tenant, line, size)
                else:
                    turn.cancel()
                    self._leave(tenant, line, 0)
                if isinstance(error, TimeoutError):
                    words = "other large answers of this tenant took the room that they may until the total deadline"
                    raise SpentError(f"{words}; the answer is charged for, so it was not asked for again") from error
                raise
        else:
            line.held += size
        return Held(partial(self._leave, tenant, line, size))

    def _leave(self, tenant: str, line: _Line, size: int) -> None:
        """Give room back, and let in who waits for it."""
        line.held -= size
        while line.waiting:
            wanted, turn = line.waiting[0]
            if not turn.done():
                if line.held + wanted > self._each:
                    return
                line.held += wanted
                turn.set_result(None)
            line.waiting.popleft()
        if not line.held and self._lines.get(tenant) is line:
            del self._lines[tenant]


class Held:
    """What an answer takes; given back when it is closed, or at the latest when nothing refers to it any more."""

    __slots__ = ("_give",)

    def __init__(self, give: Callable[[], None]) -> None:
        self._give: Callable[[], None] | None = give

    def close(self) -> None:
        """Give it back; twice is no error."""
        give, self._give = self._give, None
        if give is not None:
            give()

    def __del__(self) -> None:
        """Give back what a copy of a call held that came second."""
        self.close()
