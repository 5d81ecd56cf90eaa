"""Discovery: which replicas live where, known by leases that they renew themselves."""

from collections.abc import AsyncIterator
from typing import Protocol

from tulou.contracts.discovery.messages import (
    Announce,
    Announced,
    NameReplica,
    ReplicaSet,
    WatchReplicas,
)
from tulou.kernel.message import Done


class Discovery(Protocol):
    """Replicas under lease."""

    async def announce(self, request: Announce) -> Announced:
        """Take or renew a lease; a replica unknown until now is added."""
        ...

    async def drain(self, request: NameReplica) -> Done:
        """Mark a replica, known or not yet, so that it gets no new requests."""
        ...

    async def withdraw(self, request: NameReplica) -> Done:
        """End a lease at once; a later announcement by the same id is refused with `ConflictError`."""
        ...

    async def replicas(self, request: WatchReplicas) -> ReplicaSet:
        """Return the replicas under lease now."""
        ...

    def watch(self, request: WatchReplicas) -> AsyncIterator[ReplicaSet]:
        """Yield the replicas now and at every change; slow watchers skip to the newest."""
        ...
