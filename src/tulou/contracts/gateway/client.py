"""Gateway, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.gateway.api import STATUS
from tulou.contracts.gateway.messages import GatewayStatus, GetStatus
from tulou.contracts.transport import Transport


@dataclass(frozen=True, slots=True)
class GatewayClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def status(self, request: GetStatus) -> GatewayStatus:
        """Say which snapshot is in force and which breakers are open."""
        return await self.transport.call(STATUS, request)
