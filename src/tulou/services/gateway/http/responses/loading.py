"""The conversations that a gateway has in memory: each tenant loads one at a time, and has a share of bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, closing

from tulou.services.gateway.allotment import NoRoomError, TenantAllotment
from tulou.services.gateway.refusals import TenantShareError
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.turnstile import Turnstile

LARGE_BYTES = 1024 * 1024
"""What was said before in a large one; small ones wait for nobody."""
TIMES = 3
"""How often a conversation is in memory, at most: as it came, as it is understood, and as it is sent."""
COUNTED = 2
"""How often it counts among the bodies."""
RETRY_AFTER_S = 1.0

MOST_KNOWN = 1024
"""Sizes of large conversations that are remembered; of one that is not, the size is known once it is loaded."""

Make = Callable[[], Awaitable[bytes]]


class ConversationLoads:
    """Conversations of each tenant, from when they are loaded until they are let go of."""

    def __init__(self, turnstile: Turnstile, settings: GatewaySettings, *, large_bytes: int = LARGE_BYTES) -> None:
        most_waiting = max(1, int(settings.queue * settings.tenant_share))
        self._turnstile = turnstile
        self._wait_s = settings.queue_s
        self._large_bytes = large_bytes
        self._turns = TenantAllotment(1, most_waiting=most_waiting)
        self._bytes = TenantAllotment(int(settings.bodies_bytes * settings.tenant_share), most_waiting=most_waiting)
        self._sizes: dict[tuple[str, str], int] = {}

    def learn(self, tenant: str, name: str, size: int) -> None:
        """Remember how many bytes the conversation that ends with a response has, at most."""
        if size < self._large_bytes:
            return
        self._sizes.pop((tenant, name), None)
        self._sizes[tenant, name] = size
        if len(self._sizes) > MOST_KNOWN:
            del self._sizes[next(iter(self._sizes))]

    async def load(self, tenant: str, make: Make, *, beside: int, name: str = "") -> tuple[bytes, ExitStack]:
        """Return what `make` makes of a conversation, and what it holds of the memory until that is closed.

        More than it has `beside` the conversation is what was said before, which counts among the bodies, too. `make`
        has a deadline itself. A large one, which ends with the response `name`, waits for others of its tenant before
        it is loaded; where its size is not known before, it is loaded twice, since it is not kept meanwhile. Raise
        `TenantShareError` where that takes too long, or where too many wait.
        """
        until = asyncio.get_running_loop().time() + self._wait_s
        with ExitStack() as held:
            try:
                known = self._sizes.get((tenant, name), 0)
                if known:
                    held.callback((await self._bytes.enter(tenant, TIMES * known, until=until)).close)
                whole = await self._load(tenant, make, beside + known, until, held)
            except NoRoomError as error:
                raise self._refusal(str(error)) from error
            if name:
                self.learn(tenant, name, _before(whole, beside))
            counted = COUNTED * _before(whole, beside)
            self._turnstile.carry(counted, tenant)
            held.callback(self._turnstile.drop, counted, tenant)
            return whole, held.pop_all()

    async def _load(self, tenant: str, make: Make, beside: int, until: float, held: ExitStack) -> bytes:
        with closing(await self._turns.enter(tenant, until=until)):
            whole = await make()
            size = _before(whole, beside)
            if size < self._large_bytes:
                return whole
            if (room := self._bytes.try_enter(tenant, TIMES * size)) is not None:
                held.callback(room.close)
                return whole
        del whole
        held.callback((await self._bytes.enter(tenant, TIMES * size, until=until)).close)
        with closing(await self._turns.enter(tenant, until=until)):
            return await make()

    def _refusal(self, why: str) -> TenantShareError:
        return TenantShareError(
            f"this tenant has its part of the gateway: a conversation waits up to {self._wait_s:g} s for others of its "
            f"tenant, and {why}; go on with fewer at once, or begin a new one",
            retry_after_s=RETRY_AFTER_S,
        )


def _before(whole: bytes, beside: int) -> int:
    return max(0, len(whole) - beside)
