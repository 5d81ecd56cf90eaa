"""Replica: one loaded copy of a model in a process of its own."""

from typing import Protocol

from tulou.contracts.replica.messages import GetReplicaStatus, ReplicaReport


class ReplicaWorker(Protocol):
    """What a worker can be asked."""

    async def status(self, request: GetReplicaStatus) -> ReplicaReport:
        """Say how it is now."""
        ...
