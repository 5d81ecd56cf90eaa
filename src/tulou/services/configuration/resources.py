"""The house as it is, read through the contracts of all services that own a part of it."""

import asyncio
from collections.abc import Mapping

from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.contracts.limits.api import Limits
from tulou.contracts.metering.api import Metering
from tulou.contracts.routing.api import Routing
from tulou.contracts.serving.api import Serving
from tulou.contracts.upstreams.api import Upstreams
from tulou.kernel.context import as_house
from tulou.kernel.message import message
from tulou.services.configuration.domain.document import SECTIONS, Resources, named
from tulou.services.configuration.kinds.kind import Kind
from tulou.services.configuration.kinds.rules import Laws, Money
from tulou.services.configuration.kinds.tenancy import Tenancy
from tulou.services.configuration.kinds.traffic import Accounts, Traffic


@message
class Owners:
    """The services whose resources are declared."""

    identity: Identity
    governance: Governance
    limits: Limits
    metering: Metering
    upstreams: Upstreams
    serving: Serving
    routing: Routing

    def kinds(self) -> Mapping[str, Kind]:
        """Return every kind of resource by its section."""
        return {
            **Tenancy(self.identity).kinds(),
            **Laws(self.governance).kinds(),
            **Money(self.limits, self.metering).kinds(),
            **Accounts(self.upstreams).kinds(),
            **Traffic(self.serving, self.routing).kinds(),
        }


async def composed(kinds: Mapping[str, Kind]) -> Resources:
    """Return all resources of the house, whoever asks, without sections that have too many for a document."""
    with as_house("the document is composed"):
        read = await asyncio.gather(*(kinds[section].read() for section in SECTIONS))
    found = zip(SECTIONS, read, strict=True)
    return {section: named(section, entries) for section, entries in found if entries is not None}
