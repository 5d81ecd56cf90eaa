"""What takes long to compute of a large request: done beside the loop, one thing at a time, and of each tenant one.

A thread shares the interpreter with the loop, which is let in again and again (`sys.setswitchinterval`); more threads
than one would only stand between the two.
"""

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from tulou.chassis.threads import to_its_end
from tulou.services.gateway.allotment import NoRoomError, TenantAllotment
from tulou.services.gateway.refusals import TenantShareError
from tulou.services.gateway.stack.call import Call

T = TypeVar("T")

LARGE_BYTES = 64 * 1024
"""A body of fewer bytes is read in less than some 2 ms, whatever it is made of, and read at once."""

MOST_WAITING = 256
RETRY_AFTER_S = 1.0
ALL = ""


class Heavy:
    """A tenant has one thing in work or in line, so that those of others wait for one of its at most."""

    def __init__(self, *, wait_s: float = 10.0) -> None:
        self._wait_s = wait_s
        self._of_each = TenantAllotment(1, most_waiting=MOST_WAITING)
        self._of_all = TenantAllotment(1)

    async def do(self, call: Call, work: Callable[[], T]) -> T:
        """Return what `work` returns; raise `TenantShareError` where its turn does not come in time."""
        if len(call.body) < LARGE_BYTES:
            return work()
        until = asyncio.get_running_loop().time() + self._wait_s
        try:
            turn = await self._of_each.enter(call.grant.tenant, until=until)
            with closing(turn), closing(await self._of_all.enter(ALL, until=until)):
                return await to_its_end(work)
        except NoRoomError as error:
            raise TenantShareError(
                f"large requests of this tenant take their turns, and {error}; send fewer at once, or smaller ones",
                retry_after_s=RETRY_AFTER_S,
            ) from error
