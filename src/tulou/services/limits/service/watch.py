"""Looks, now and then, at what nobody says here."""

from collections.abc import Sequence

from tulou.contracts.limits.messages import Limit
from tulou.kernel.clock import Clock
from tulou.ports.allowances import Allowances
from tulou.ports.database import Database
from tulou.services.limits.service.definitions import Definitions
from tulou.services.limits.service.warner import LimitWarner


class LimitWatch:
    """Learns of limits that other processes put, and warns of those that are counted in a shared store."""

    def __init__(self, database: Database, definitions: Definitions, warner: LimitWarner, *, clock: Clock) -> None:
        self._database = database
        self._definitions = definitions
        self._warner = warner
        self._clock = clock

    async def look(self, shared: Allowances | None) -> None:
        """Look at the next page of limits; `shared` is the store, if it is not this process that counts."""
        page = await self._definitions.look()
        if shared is not None:
            await self._warn(shared, page)

    async def _warn(self, shared: Allowances, page: Sequence[Limit]) -> None:
        now = self._clock.now()
        levels = await shared.levels([limit for limit in page if limit.warn_at])
        known = [(self._definitions[level.limit], level) for level in levels if level.limit in self._definitions]
        unsaid = self._warner.unsaid(known, now)
        if not unsaid:
            return
        async with self._database.transaction() as tx:
            await self._warner.say(tx, unsaid)
            await self._warner.forget(tx, now)
        self._warner.said(unsaid)
