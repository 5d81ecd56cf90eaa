"""A replica's worker, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.replica.api import STATUS
from tulou.contracts.replica.messages import GetReplicaStatus, ReplicaReport
from tulou.contracts.transport import Transport


@dataclass(frozen=True, slots=True)
class ReplicaWorkerClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def status(self, request: GetReplicaStatus) -> ReplicaReport:
        """Say how it is now."""
        return await self.transport.call(STATUS, request)
