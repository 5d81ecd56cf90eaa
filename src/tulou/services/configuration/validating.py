"""What an apply would be refused for by the owners of what it makes: they are asked before anything is made."""

from collections.abc import Mapping, Sequence

from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import ValidateLimits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import Price, ValidatePrices
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import ValidateRoutes
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import ValidateDeployments
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import AddCredential, UpstreamSpec, ValidateUpstreams
from tulou.kernel.message import Rejections, message
from tulou.services.configuration.acting import as_house
from tulou.services.configuration.domain.difference import Step
from tulou.services.configuration.domain.document import Entry, Resources
from tulou.services.configuration.kinds.kind import fields_of

Entries = Mapping[str, Sequence[Entry]]
"""What is to be made or changed, by section."""


@message
class Validating:
    """Asks each owner once, for all that is to be made or changed of its kind."""

    upstreams: Upstreams
    serving: Serving
    routing: Routing
    limits: Limits
    metering: Metering

    async def rejections(self, steps: Sequence[Step], after: Resources) -> Sequence[str]:
        """Return a line for each entry that would be refused; `after` is what there would be."""
        made: dict[str, list[Entry]] = {}
        for step in steps:
            if step.kind != "delete":
                made.setdefault(step.section, []).append(step.after)
        with as_house():
            found = await self._found(made, after)
        return [line for section, some in found.items() for line in _named(section, some)]

    async def _found(self, made: Entries, after: Resources) -> Mapping[str, Rejections]:
        found: dict[str, Rejections] = {}
        if accounts := made.get("upstreams"):
            found["upstreams"] = await self.upstreams.validate_upstreams(_accounts(accounts, after))
        if deployments := made.get("deployments"):
            asked = ValidateDeployments(items=tuple(deployments))
            found["deployments"] = await self.serving.validate_deployments(asked)
        if made.get("routes"):
            there, names = after.get("routes", {}), after.get("deployments", {})
            routes = ValidateRoutes(items=tuple(there.values()), deployments=tuple(names))
            found["routes"] = await self.routing.validate_routes(routes)
        if limits := made.get("limits"):
            found["limits"] = await self.limits.validate_limits(ValidateLimits(items=tuple(limits)))
        if prices := made.get("prices"):
            items = tuple(Price(**fields_of(entry, Price)) for entry in prices)
            found["prices"] = await self.metering.validate_prices(ValidatePrices(items=items))
        return found


def _accounts(entries: Sequence[Entry], after: Resources) -> ValidateUpstreams:
    return ValidateUpstreams(
        items=tuple(UpstreamSpec(**fields_of(entry, UpstreamSpec)) for entry in entries),
        credentials=tuple(
            AddCredential(upstream=entry.name, name=one.name, reference=one.reference)
            for entry in entries
            for one in entry.credentials
        ),
        total=len(after.get("upstreams", {})),
    )


def _named(section: str, found: Rejections) -> Sequence[str]:
    return [f"{section} {one.name!r}: {one.why}" if one.name else f"{section}: {one.why}" for one in found.items]
