"""Look at the world: what the launcher, discovery and the probes say of each replica."""

from collections.abc import Mapping

import structlog

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import LiveReplica, WatchReplicas
from tulou.kernel.clock import Clock
from tulou.kernel.errors import UnavailableError
from tulou.ports.launcher import Launcher, WorkerStatus
from tulou.services.serving.domain.values import LiveSeen, Observed, ObservedReplica, WorkerSeen
from tulou.services.serving.service.upstreams import UpstreamWatch
from tulou.services.serving.service.workers import WorkerOperations

ROOM_S = 1.0
"""Measuring memory costs a millisecond in a thread, so it is not done at every look."""

log = structlog.get_logger()


class Observer:
    """Knows since when discovery has been listened to: right after a restart its silence means nothing."""

    def __init__(
        self,
        discovery: Discovery,
        launcher: Launcher,
        *,
        hands: WorkerOperations,
        upstreams: UpstreamWatch,
        clock: Clock,
    ) -> None:
        self._discovery = discovery
        self._launcher = launcher
        self._hands = hands
        self._upstreams = upstreams
        self._clock = clock
        self._since = clock.now()
        self._memory = 0
        self._measured: float | None = None

    async def look(self) -> Observed:
        """Return what is seen now."""
        workers = {worker.replica: _worker(worker) for worker in await self._launcher.list()}
        live = {replica.replica.id: _live(replica) for replica in await self.live()}
        probes = self._upstreams.seen()
        busy, refusals = self._hands.busy(), self._hands.refusals()
        names = {*workers, *live, *probes, *busy, *refusals}
        return Observed(
            replicas={
                name: ObservedReplica(
                    refusal=refusals.get(name),
                    worker=workers.get(name),
                    live=live.get(name),
                    probe=probes.get(name),
                    busy=name in busy,
                )
                for name in names
            },
            memory=await self._free(),
            since=self._since,
        )

    async def live(self) -> tuple[LiveReplica, ...]:
        """Return what discovery knows; nothing while it is away, and then its silence means nothing for a while."""
        try:
            return (await self._discovery.replicas(WatchReplicas())).replicas
        except UnavailableError as error:
            log.warning("discovery_unavailable", error=str(error))
            self._since = self._clock.now()
            return ()

    async def places(self) -> Mapping[str, str]:
        """Return where workers run; nothing while the launcher cannot say."""
        try:
            return {worker.replica: worker.place for worker in await self._launcher.list()}
        except UnavailableError:
            return {}

    async def _free(self) -> int:
        now = self._clock.monotonic()
        if self._measured is None or now >= self._measured + ROOM_S:
            self._memory = (await self._launcher.room()).memory
            self._measured = now
        return self._memory


def _worker(status: WorkerStatus) -> WorkerSeen:
    return WorkerSeen(exit_code=status.exit_code, tail=status.tail)


def _live(live: LiveReplica) -> LiveSeen:
    in_flight = live.load.running + live.load.waiting
    return LiveSeen(draining=live.health == "draining", in_flight=in_flight, seen_at=live.seen_at)
