"""Removes what is kept no longer, a little at a time, so that nobody waits for it."""

import asyncio
from typing import Protocol

import structlog

from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database, Transaction
from tulou.services.metering.counters import MeteringCounters
from tulou.services.metering.domain.spans import MINUTES_KEPT_S, Grain
from tulou.services.metering.domain.sums import DAY, HOUR
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.store import entries as entry_store
from tulou.services.metering.store import quarantine as quarantine_store
from tulou.services.metering.store import sums as sum_store

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

AT_ONCE = 2_000


class RemoveOldest(Protocol):
    """Removes the oldest of what is from before a time; returns how many."""

    async def __call__(self, tx: Transaction, *, before: float, limit: int) -> int:
        """Remove at most `limit`."""
        ...


class Sweeper:
    """Minutes go after a day, hours and entries when the settings say so; days stay, and so does what is set aside.

    Entries that the house refused go earlier: they cost nothing, and whoever is refused can make any number of them.
    """

    def __init__(
        self, database: Database, *, clock: Clock, settings: MeteringSettings, counters: MeteringCounters
    ) -> None:
        self._database = database
        self._counters = counters
        self._clock = clock
        self._settings = settings

    async def run(self) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            try:
                await self.sweep()
            except TulouError as error:  # the database may be away for a while
                log.warning("metering_sweep_failed", error=str(error))
            await asyncio.sleep(self._settings.sweep_s)

    async def sweep(self) -> None:
        """Remove all that is too old now."""
        now = self._clock.now()
        await self._forget("minute", now - MINUTES_KEPT_S - HOUR)  # later than they are asked for, or added to
        await self._forget("hour", now - self._settings.keep_hours_days * DAY - DAY)
        await self._forget_entries(entry_store.forget, now - self._settings.keep_entries_days * DAY)
        await self._forget_entries(entry_store.forget_denied, now - self._settings.keep_denied_days * DAY)
        await self._forget_settled(now - self._settings.keep_entries_days * DAY)

    async def _forget(self, grain: Grain, before: float) -> None:
        count = AT_ONCE
        while count == AT_ONCE:
            async with self._database.transaction() as tx:
                count = await sum_store.forget(tx, grain, before=before, limit=AT_ONCE)

    async def _forget_entries(self, forget: RemoveOldest, before: float) -> None:
        count = AT_ONCE
        while count == AT_ONCE:
            async with self._database.transaction() as tx:
                count = await forget(tx, before=before, limit=AT_ONCE)

    async def _forget_settled(self, before: float) -> None:
        async with self._database.transaction() as tx:
            await quarantine_store.forget(tx, before=before)
            waiting = await quarantine_store.waiting(tx)
        self._counters.waiting.set(waiting)
