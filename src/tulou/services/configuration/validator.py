"""What an apply would be refused for by the owners of what it makes: they are asked before anything is made."""

from collections.abc import Mapping, Sequence

from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import Role, TryPolicies, ValidateRoles
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import Project, PutPrincipal, Tenant
from tulou.contracts.identity.validation import ValidateIdentity
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
from tulou.kernel.context import as_house
from tulou.kernel.errors import ERRORS, InvalidError
from tulou.kernel.message import Rejection, Rejections, message
from tulou.services.configuration.domain.difference import Step
from tulou.services.configuration.domain.document import Entry, Resources, RoleEntry
from tulou.services.configuration.kinds.kind import fields_of

_PEOPLE: Sequence[tuple[str, type[Entry], str]] = (
    ("tenants", Tenant, "tenants"),
    ("projects", Project, "projects"),
    ("principals", PutPrincipal, "principals"),
)
"""Sections of what identity owns, with the message that each is put as."""

LINES_CAP = 10
"""So many refusals an error tells in full."""

Entries = Mapping[str, Sequence[Entry]]
"""What is to be made or changed, by section."""


@message
class DocumentValidator:
    """Asks each owner once, for all that is to be made or changed of its kind."""

    identity: Identity
    governance: Governance
    upstreams: Upstreams
    serving: Serving
    routing: Routing
    limits: Limits
    metering: Metering

    async def check(self, steps: Sequence[Step], after: Resources) -> None:
        """Raise the error of the first entry that would be refused, with a line for each of them."""
        refused = await self._refused(steps, after)
        if not refused:
            return
        section, first = refused[0]
        lines = [_line(section, one) for section, one in refused]
        more = f"; and {len(lines) - LINES_CAP} more" if len(lines) > LINES_CAP else ""
        raise ERRORS.get(first.code, InvalidError)(
            f"{'; '.join(lines[:LINES_CAP])}{more}; nothing was changed",
            param=".".join(part for part in (section, first.name, first.param) if part),
        )

    async def rejections(self, steps: Sequence[Step], after: Resources) -> Sequence[str]:
        """Return a line for each entry that would be refused; `after` is what there would be."""
        return [_line(section, one) for section, one in await self._refused(steps, after)]

    async def _refused(self, steps: Sequence[Step], after: Resources) -> Sequence[tuple[str, Rejection]]:
        made: dict[str, list[Entry]] = {}
        for step in steps:
            if step.kind != "delete":
                made.setdefault(step.section, []).append(step.after)
        with as_house("a plan is looked through"):
            found = await self._found(made, after)
        return [(section, one) for section, some in found.items() for one in some.items]

    async def _found(self, made: Entries, after: Resources) -> Mapping[str, Rejections]:
        return {**await self._people(made, after), **await self._traffic(made, after), **await self._amounts(made)}

    async def _people(self, made: Entries, after: Resources) -> Mapping[str, Rejections]:
        found: dict[str, Rejections] = {}
        if roles := made.get("roles"):
            asked = ValidateRoles(items=tuple(Role(**fields_of(entry, RoleEntry)) for entry in roles))
            found["roles"] = await self.governance.validate_roles(asked)
        if made.get("policies"):
            found["policies"] = await self._policies(after)
        for section, kind, name in _PEOPLE:
            if entries := made.get(section):
                items = tuple(kind(**fields_of(entry, kind)) for entry in entries)
                found[section] = await self.identity.validate_identity(ValidateIdentity(**{name: items}))
        return found

    async def _policies(self, after: Resources) -> Rejections:
        """Return why the policies could not be there together; governance reads all of them, or none."""
        try:
            await self.governance.try_policies(TryPolicies(cases=(), policies=tuple(after["policies"].values())))
        except InvalidError as error:
            return Rejections(items=(Rejection(name="", why=str(error), code=error.code, param=error.param or ""),))
        return Rejections()

    async def _traffic(self, made: Entries, after: Resources) -> Mapping[str, Rejections]:
        found: dict[str, Rejections] = {}
        if accounts := made.get("upstreams"):
            found["upstreams"] = await self.upstreams.validate_upstreams(_accounts(accounts, after))
        if placed := made.get("deployments"):
            asked = ValidateDeployments(items=tuple(placed))
            found["deployments"] = await self.serving.validate_deployments(asked)
        if made_routes := made.get("routes"):
            there, deployments = after.get("routes", {}), after.get("deployments", {})
            routes = ValidateRoutes(items=tuple(there.values()), deployments=tuple(deployments))
            refused = (await self.routing.validate_routes(routes)).items
            names = {route.model for route in made_routes}
            found["routes"] = Rejections(items=tuple(one for one in refused if one.name in names))
        return found

    async def _amounts(self, made: Entries) -> Mapping[str, Rejections]:
        found: dict[str, Rejections] = {}
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


def _line(section: str, one: Rejection) -> str:
    return f"{section} {one.name!r}: {one.why}" if one.name else f"{section}: {one.why}"
