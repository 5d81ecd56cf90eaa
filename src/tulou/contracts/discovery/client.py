"""Discovery, reached over a transport."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tulou.contracts.discovery.api import ANNOUNCE, DRAIN, REPLICAS, WATCH, WITHDRAW
from tulou.contracts.discovery.messages import Announce, Announced, NameReplica, ReplicaSet, WatchReplicas
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done


@dataclass(frozen=True, slots=True)
class DiscoveryClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def announce(self, request: Announce) -> Announced:
        """Take or renew a lease; a replica unknown until now is added."""
        return await self.transport.call(ANNOUNCE, request)

    async def drain(self, request: NameReplica) -> Done:
        """Mark a replica, known or not yet, so that it gets no new requests."""
        return await self.transport.call(DRAIN, request)

    async def withdraw(self, request: NameReplica) -> Done:
        """End a lease at once; a later announcement by the same id is refused with `ConflictError`."""
        return await self.transport.call(WITHDRAW, request)

    async def replicas(self, request: WatchReplicas) -> ReplicaSet:
        """Return the replicas under lease now."""
        return await self.transport.call(REPLICAS, request)

    def watch(self, request: WatchReplicas) -> AsyncIterator[ReplicaSet]:
        """Yield the replicas now and at every change; slow watchers skip to the newest."""
        return self.transport.stream(WATCH, request)
