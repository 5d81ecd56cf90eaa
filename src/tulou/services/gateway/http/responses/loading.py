"""How many conversations a gateway loads at once, and how many large ones it has: each is in memory several times."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from weakref import WeakValueDictionary

from tulou.services.gateway.refusals import TenantShareError

AT_ONCE = 1
"""Of one tenant: what a conversation takes is known only when it is there."""
LARGE_BYTES = 1024 * 1024
"""What was said before in a large one; it is read, turned, written and answered, and exists each time once more."""
RETRY_AFTER_S = 1.0


class Turns:
    """A semaphore for each tenant, for as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, tenant: str, *, large: bool = True) -> asyncio.Semaphore:
        """Return what to hold meanwhile; what is not large waits for nobody."""
        turn = self._turns.get(tenant) if large else asyncio.Semaphore()
        if turn is None:
            turn = self._turns[tenant] = asyncio.Semaphore(AT_ONCE)
        return turn


class Loading:
    """Turns of each tenant, for as long as somebody has one or waits for it: to load, and to have a large one."""

    def __init__(self, *, wait_s: float, large_bytes: int = LARGE_BYTES) -> None:
        self._wait_s = wait_s
        self._large_bytes = large_bytes
        self._to_load, self._to_have = Turns(), Turns()

    async def load(
        self, tenant: str, make: Callable[[], Awaitable[bytes]], *, beside: int, until_over: AsyncExitStack
    ) -> bytes:
        """Return what `make` makes of a conversation, one of a tenant at a time; it has a deadline itself.

        More than it has `beside` the conversation is what was said before. One of a tenant's large ones is there until
        `until_over` closes; the next is loaded anew when it is its turn. Raise `TenantShareError` where that does not
        come in time.
        """
        to_load, to_have = self._to_load.of(tenant), self._to_have.of(tenant)
        async with to_load:
            whole = await make()
            if len(whole) - beside < self._large_bytes:
                return whole
            if not to_have.locked():
                await until_over.enter_async_context(to_have)
                return whole
        del whole
        try:
            async with asyncio.timeout(self._wait_s):
                await until_over.enter_async_context(to_have)
        except TimeoutError as error:
            raise TenantShareError(
                f"this tenant has its part of the gateway: another large conversation of it was in work for "
                f"{self._wait_s:g} s; go on with one after the other, or begin a new one",
                retry_after_s=RETRY_AFTER_S,
            ) from error
        async with to_load:
            return await make()
