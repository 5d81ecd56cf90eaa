"""Keep discovery told that this replica lives, for as long as it does, whatever becomes of control."""

import asyncio
from collections.abc import Callable

import structlog

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Announce, Announced, NameReplica, Replica, ReplicaLoad
from tulou.kernel.errors import ConflictError, TulouError
from tulou.services.replica.domain import next_pause
from tulou.services.replica.settings import ReplicaSettings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class DiscoveryLease:
    """Announces until cancelled. `drained` is called when discovery asks for it, `refused` when it knows us no more."""

    def __init__(
        self,
        discovery: Discovery,
        replica: Replica,
        *,
        load: Callable[[], ReplicaLoad],
        drain: Callable[[], None],
        refused: Callable[[], None],
        settings: ReplicaSettings,
    ) -> None:
        self._discovery = discovery
        self._replica = replica
        self._load = load
        self._drain = drain
        self._refused = refused
        self._settings = settings
        self._lost = False

    async def run(self) -> None:
        """Announce each half second; when control is away, keep trying with pauses of at most a second."""
        pause = 0.0
        while True:
            try:
                reply = await self._announce()
            except ConflictError:
                self._refused()
                return
            except (TulouError, TimeoutError) as error:
                pause = next_pause(pause)
                self._note_lost(error)
                await asyncio.sleep(pause)
                continue
            pause = 0.0
            self._note_found()
            if reply.draining:
                self._drain()
            await asyncio.sleep(self._settings.announce_every_s)

    async def withdraw(self) -> None:
        """Tell discovery that no more requests should come; if it cannot be told, the lease runs out by itself."""
        try:
            async with asyncio.timeout(self._settings.announce_timeout_s):
                await self._discovery.withdraw(NameReplica(id=self._replica.id))
        except (TulouError, TimeoutError) as error:
            log.warning("withdrawal_not_told", error=str(error))

    async def _announce(self) -> Announced:
        message = Announce(replica=self._replica, load=self._load(), ttl_s=self._settings.lease_s)
        async with asyncio.timeout(self._settings.announce_timeout_s):
            return await self._discovery.announce(message)

    def _note_lost(self, error: Exception) -> None:
        if not self._lost:
            log.warning("control_lost", error=str(error) or type(error).__name__)
        self._lost = True

    def _note_found(self) -> None:
        if self._lost:
            log.info("control_found")
        self._lost = False
