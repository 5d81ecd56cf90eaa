"""The gateway: the one gate through which inference requests enter the house."""

from typing import Protocol

from tulou.contracts.gateway.messages import GatewayStatus, GetStatus


class Gateway(Protocol):
    """One gateway process. Its inference API is HTTP alone: see the OpenAPI document."""

    async def status(self, request: GetStatus) -> GatewayStatus:
        """Say which snapshot is in force and which breakers are open."""
        ...
