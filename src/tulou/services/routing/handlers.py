"""Routing's reactions to what others have done."""

from tulou.ports.events import Fact
from tulou.services.routing.service import RoutingService


class RoutingHandlers:
    """Every fact that a snapshot depends on leads to a new one."""

    def __init__(self, service: RoutingService) -> None:
        self._service = service

    async def on_change(self, fact: Fact) -> None:
        """Compose anew; what is true now is read then, so a fact that comes twice does no harm."""
        del fact
        self._service.stir()
