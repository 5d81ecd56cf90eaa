"""Turns for what takes much of a loop's time, so that all else waits for one such thing at a time."""

import asyncio
from collections import deque
from collections.abc import Callable
from weakref import WeakKeyDictionary

from tulou.http.slow_reads import new_buffer

HEAVY_BYTES = 32 * 1024
"""A read that brings so much has the next one of its connection wait for a turn."""


class LoopTurns:
    """Calls back who waits, one at each turn of the loop, in the order in which they came.

    `buffer` is where those read to that read little at once.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self.buffer = new_buffer()

    def wait(self, call: Callable[[], None]) -> None:
        """Have this called when its turn has come, not before the loop's next one."""
        self._waiting.append(call)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        if len(self._waiting) > 1:
            asyncio.get_running_loop().call_soon(self._next)
        self._waiting.popleft()()


_OF: WeakKeyDictionary[asyncio.AbstractEventLoop, LoopTurns] = WeakKeyDictionary()
"""Turns do not know their loop: else neither would ever go."""


def turns_of(loop: asyncio.AbstractEventLoop) -> LoopTurns:
    """Return the turns of a loop: servers and clients that run on it share them."""
    turns = _OF.get(loop)
    if turns is None:
        turns = _OF[loop] = LoopTurns()
    return turns
