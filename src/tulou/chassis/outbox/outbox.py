"""Add facts to a transaction; relay them to the bus once they are committed."""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec
import structlog
from sqlalchemy import delete, insert, select, update

from tulou.chassis.actors import actor_from, check_actor
from tulou.chassis.outbox.tables import FACTS, RELAYS
from tulou.chassis.upserts import add_once
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database, Transaction
from tulou.ports.events import Events, Fact

MIGRATIONS = "tulou.chassis.outbox.migrations"

BATCH = 200
POLL_S = 1.0
"""How often facts are looked for that other processes wrote."""
FIRST_POLL_S = 0.002
"""How soon after `add` the relay looks: the transaction is committed a moment later, so it looks again, ever slower."""
LEASE_S = 4.0
"""How long one relay keeps its turn without renewing it: as long may a killed process delay facts."""

log = structlog.get_logger()


class Outbox:
    """Facts of committed transactions reach the bus at least once, in the order in which they were added.

    Any number of processes may relay: a lease in the database lets one do it at a time.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._holder = new_id("relay")
        self._lease_until = 0.0
        self._stirred = asyncio.Event()

    async def add(self, tx: Transaction, topic: str, message: object, tenant: str = "") -> None:
        """Write a fact of who acts; it is published if and when the transaction is committed.

        Raise `ForbiddenError` where nobody is known to act: what nobody caused would be handled by nobody.
        """
        actor = msgspec.json.encode(check_actor("fact", topic)).decode()
        body = msgspec.json.encode(message).decode()
        fact = {"id": new_id("fact"), "topic": topic, "tenant": tenant, "at": self._clock.now(), "body": body}
        fact["actor"] = actor
        await tx.execute(insert(FACTS), fact)
        self._stirred.set()

    def wake(self) -> None:
        """Make the relay look now; `add` does so by itself."""
        self._stirred.set()

    async def relay(self, events: Events) -> None:
        """Publish facts until cancelled; outlives failures of the database and of the bus."""
        pause = POLL_S
        while True:
            if self._stirred.is_set():
                self._stirred.clear()
                pause = FIRST_POLL_S
            try:
                count = await self.relay_once(events)
            except TulouError as error:
                log.warning("relay_failed", error=str(error))
                count, pause = 0, POLL_S
            except Exception:
                log.exception("relay_failed")  # a bug must not silence all later facts
                count, pause = 0, POLL_S
            if not count:
                await self._rest(pause)
                pause = min(pause * 2, POLL_S)

    async def relay_once(self, events: Events) -> int:
        """Publish one batch if there is one and it is this relay's turn; return how many facts it was."""
        facts = await self._waiting()
        if not facts or not await self._is_our_turn():
            return 0
        await events.publish([fact for _, fact in facts])
        async with self._database.transaction() as tx:
            await tx.execute(delete(FACTS).where(FACTS.c.sequence.in_([sequence for sequence, _ in facts])))
        return len(facts)

    async def _rest(self, pause: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stirred.wait()

    async def _waiting(self) -> Sequence[tuple[int, Fact]]:
        async with self._database.reading() as tx:
            rows = await tx.rows(select(FACTS).order_by(FACTS.c.sequence).limit(BATCH))
        return [
            (
                row["sequence"],
                Fact(
                    **{name: row[name] for name in ("id", "topic", "tenant", "at", "body")},
                    actor=actor_from(row["actor"]),
                ),
            )
            for row in rows
        ]

    async def _is_our_turn(self) -> bool:
        """Renew the lease when half of it is gone; take it when nobody holds it."""
        now = self._clock.now()
        if now < self._lease_until - LEASE_S / 2:
            return True
        until = now + LEASE_S
        turn = {"holder": self._holder, "until": until}
        mine_or_free = (RELAYS.c.holder == self._holder) | (RELAYS.c.until < now) | (RELAYS.c.until > now + 2 * LEASE_S)
        async with self._database.transaction() as tx:
            taken = bool(
                await tx.execute(update(RELAYS).where(RELAYS.c.name == "facts", mine_or_free).values(**turn))
            ) or await add_once(tx, RELAYS, {"name": "facts", **turn})
        self._lease_until = until if taken else 0.0
        return taken
