"""One apply at a time, over all processes of the house: a lease in the database, renewed before each step."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database
from tulou.services.configuration import store
from tulou.services.configuration.store import FREE, LockState

POLL_S = 0.05


class HeldLock:
    """A turn that is ours, and to which revision the house returns if this process dies."""

    def __init__(self, turns: "ApplyLock", turn: LockState) -> None:
        self._turns = turns
        self.turn = turn

    async def renew(self) -> None:
        """Say that this holder lives; raise `ConflictError` when another has taken over."""
        self.turn = await self._turns.keep(self.turn)

    async def remember(self, restore: int) -> None:
        """Keep what is to be restored if this process dies from here on; 0 for nothing."""
        self.turn = await self._turns.keep(replace(self.turn, restore=restore))


class ApplyLock:
    """A holder that dies is waited for until its lease ends; then its `restore` is the next one's to do."""

    def __init__(self, database: Database, *, clock: Clock, turn_s: float) -> None:
        self._database = database
        self._clock = clock
        self._turn_s = turn_s

    @asynccontextmanager
    async def taken(self, *, within_s: float = 0.0) -> AsyncGenerator[HeldLock]:
        """Take the turn for as long as the block runs; raise `ConflictError` if it stays another's for so long."""
        held = HeldLock(self, await self._awaited(within_s))
        try:
            yield held
        finally:
            await self._give_back(held.turn)

    async def keep(self, turn: LockState) -> LockState:
        """Renew a turn."""
        renewed = replace(turn, until=self._clock.now() + self._turn_s)
        async with self._database.transaction() as tx:
            if not await store.hold_turn(tx, renewed):
                raise ConflictError("another apply has taken over, since this one gave no sign of life; look again")
        return renewed

    async def _awaited(self, within_s: float) -> LockState:
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            try:
                return await self._take()
            except ConflictError:
                if asyncio.get_running_loop().time() >= deadline:
                    raise
            await asyncio.sleep(POLL_S)

    async def _take(self) -> LockState:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            before = await store.turn(tx)
            if before is not None and before.until > now:
                raise ConflictError("another apply is under way; wait until it has ended, then look again")
            fresh = LockState(holder=new_id("turn"), until=now + self._turn_s, restore=before.restore if before else 0)
            if not await store.begin_turn(tx, fresh, before=before):
                raise ConflictError("another apply has just begun; look again")
        return fresh

    async def _give_back(self, turn: LockState) -> None:
        async with self._database.transaction() as tx:
            await store.hold_turn(tx, replace(turn, until=FREE))
