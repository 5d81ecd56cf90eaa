"""What governance does at facts of others."""

import msgspec

from tulou.contracts.metering.events import RequestsRefused
from tulou.ports.events import Fact
from tulou.services.governance.service import GovernanceService


class GovernanceHandlers:
    """Keeps in the trail what gateways refused; they tell of it with their ledgers."""

    def __init__(self, service: GovernanceService) -> None:
        self._service = service

    async def on_refused(self, fact: Fact) -> None:
        """Append requests that were refused."""
        refused = msgspec.json.decode(fact.body, type=RequestsRefused)
        await self._service.record_refused(refused.entries)
