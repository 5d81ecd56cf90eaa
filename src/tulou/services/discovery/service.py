"""The use cases of discovery, over a table of leases in memory."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog

from tulou.chassis.newest import Newest
from tulou.contracts.discovery.messages import Announce, Announced, NameReplica, ReplicaSet, WatchReplicas
from tulou.kernel.clock import Clock
from tulou.kernel.message import Done
from tulou.services.discovery.domain import LeaseTable
from tulou.services.discovery.settings import DiscoverySettings

log = structlog.get_logger()


class LeasedDiscovery:
    """Discovery in this process. The revision starts at the clock's milliseconds, so no restart repeats one."""

    def __init__(self, *, clock: Clock, settings: DiscoverySettings) -> None:
        self._clock = clock
        self._settings = settings
        self._leases = LeaseTable(most=settings.replicas, remembered=settings.remembered)
        self._revision = int(clock.now() * 1000)
        self._newest = Newest[ReplicaSet]("discovery", watchers=settings.watchers)
        self._publish(changed=True)

    async def announce(self, request: Announce) -> Announced:
        """Take or renew a lease; a replica unknown until now is added."""
        changed = self._leases.announce(request, now=self._clock.now(), monotonic=self._clock.monotonic())
        self._publish(changed=changed)
        return Announced(draining=self._leases.is_draining(request.replica.id))

    async def drain(self, request: NameReplica) -> Done:
        """Mark a replica, known or not yet, so that it gets no new requests."""
        self._publish(changed=self._leases.drain(request.id))
        return Done()

    async def withdraw(self, request: NameReplica) -> Done:
        """End a lease at once; a later announcement by the same id is refused with `ConflictError`."""
        self._publish(changed=self._leases.withdraw(request.id))
        return Done()

    async def replicas(self, request: WatchReplicas) -> ReplicaSet:
        """Return the replicas under lease now, with the load they told last."""
        del request
        return ReplicaSet(revision=self._revision, replicas=tuple(self._leases.live()))

    async def watch(self, request: WatchReplicas) -> AsyncGenerator[ReplicaSet]:
        """Yield the replicas now and at every change; slow watchers skip to the newest."""
        async with aclosing(self._newest.watch()) as sets:
            async for replicas in sets:
                if replicas.revision != request.after:
                    yield replicas

    def sweep(self) -> None:
        """End the leases that were not renewed in time."""
        ended = self._leases.sweep(self._clock.monotonic())
        for name in ended:
            log.info("lease_ended", replica=name)
        self._publish(changed=bool(ended))

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(self._settings.sweep_s)
            self.sweep()

    def _publish(self, *, changed: bool) -> None:
        if changed:
            self._revision += 1
            self._newest.publish(ReplicaSet(revision=self._revision, replicas=tuple(self._leases.live())))
