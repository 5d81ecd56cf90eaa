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
from tulou.services.configuration.kinds.kind import ResourceKind
from tulou.services.configuration.kinds.rules import GovernanceResources, PricingResources
from tulou.services.configuration.kinds.tenancy import IdentityResources
from tulou.services.configuration.kinds.traffic import ServingResources, UpstreamResources


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

    def kinds(self) -> Mapping[str, ResourceKind]:
        """Return every kind of resource by its section."""
        return {
            **IdentityResources(self.identity).kinds(),
            **GovernanceResources(self.governance).kinds(),
            **PricingResources(self.limits, self.metering).kinds(),
            **UpstreamResources(self.upstreams).kinds(),
            **ServingResources(self.serving, self.routing).kinds(),
        }


async def composed(kinds: Mapping[str, ResourceKind]) -> Resources:
    """Return all resources of the house, whoever asks, without sections that have too many for a document."""
    with as_house("the document is composed"):
        read = await asyncio.gather(*(kinds[section].read() for section in SECTIONS))
    found = zip(SECTIONS, read, strict=True)
    return {section: named(section, entries) for section, entries in found if entries is not None}
