"""So much of something for each tenant, such as bytes of memory or a turn: who finds none left waits in line."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from functools import partial


class NoRoomError(Exception):
    """There is no room in time, or none to wait in."""


class _Line:
    """One tenant's."""

    __slots__ = ("held", "waiting")

    def __init__(self) -> None:
        self.held = 0
        self.waiting: deque[tuple[int, asyncio.Future[None]]] = deque()


class TenantAllotment:
    """First come, first served: `each` tenant has so much, and who wants more than that gets all of it."""

    def __init__(self, each: int, *, most_waiting: int = sys.maxsize) -> None:
        self._each = max(1, each)
        self._most_waiting = most_waiting
        self._lines: dict[str, _Line] = {}

    def try_enter(self, tenant: str, size: int = 1) -> "HeldAllotment | None":
        """Return what was given, None where one would have to wait."""
        size = min(size, self._each)
        line = self._lines.get(tenant)
        if line is None:
            line = self._lines[tenant] = _Line()
        elif line.waiting or line.held + size > self._each:
            return None
        line.held += size
        return HeldAllotment(partial(self._leave, tenant, line, size))

    async def enter(self, tenant: str, size: int = 1, *, until: float) -> "HeldAllotment":
        """Return what was given; raise `NoRoomError` at `until`, by the loop's time, or where too many wait already."""
        held = self.try_enter(tenant, size)
        if held is not None:
            return held
        size, line = min(size, self._each), self._lines[tenant]
        if len(line.waiting) >= self._most_waiting:
            raise NoRoomError(f"{len(line.waiting)} wait already, as many as may")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (size, turn)
        line.waiting.append(place)
        try:
            async with asyncio.timeout_at(until):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._leave(tenant, line, size)
            else:
                turn.cancel()
                if place in line.waiting:
                    line.waiting.remove(place)
                self._leave(tenant, line, 0)
            if isinstance(error, TimeoutError):
                raise NoRoomError("these took all that there is until then") from error
            raise
        return HeldAllotment(partial(self._leave, tenant, line, size))

    def _leave(self, tenant: str, line: _Line, size: int) -> None:
        """Give something back, and let in who waits for it; whoever has given up is nobody's way."""
        line.held -= size
        while line.waiting:
            wanted, turn = line.waiting[0]
            if not turn.done():
                if line.held + wanted > self._each:
                    break
                line.held += wanted
                turn.set_result(None)
            line.waiting.popleft()
        if not line.held and self._lines.get(tenant) is line:
            del self._lines[tenant]


class HeldAllotment:
    """What was given; it goes back when it is closed, or at the latest when nothing refers to it any more."""

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
