"""Roles, policies, limits and prices."""

from collections.abc import Mapping, Sequence

from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import ListPolicies, ListRoles, NamePolicy, NameRole, Policy, Role
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit, NameLimit, ReadLimits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import ListPrices, NamePrice, Price, PutPrices
from tulou.services.configuration.domain.document import Entry, PriceEntry, RoleEntry
from tulou.services.configuration.kinds.kind import ResourceKind, fields_of

LIMITS_CAP = 5_000
"""Limits in a document: so many fit into one of `document_bytes`, and one is written at every change."""


class GovernanceResources:
    """What governance owns."""

    def __init__(self, governance: Governance) -> None:
        self._governance = governance

    def kinds(self) -> Mapping[str, ResourceKind]:
        """Return the kinds by section."""
        return {
            "roles": ResourceKind(read=self._roles, put=self._put_role, delete=self._delete_role),
            "policies": ResourceKind(read=self._policies, put=self._put_policy, delete=self._delete_policy),
        }

    async def _roles(self) -> Sequence[Entry]:
        found = (await self._governance.roles(ListRoles())).items
        return [RoleEntry(**fields_of(role, RoleEntry)) for role in found if not role.built_in]

    async def _put_role(self, entry: RoleEntry, before: Entry | None) -> object:
        del before
        return await self._governance.put_role(Role(**fields_of(entry, RoleEntry)))

    async def _delete_role(self, entry: RoleEntry) -> object:
        return await self._governance.delete_role(NameRole(name=entry.name))

    async def _policies(self) -> Sequence[Entry]:
        return (await self._governance.policies(ListPolicies())).items

    async def _put_policy(self, entry: Policy, before: Entry | None) -> object:
        del before
        return await self._governance.put_policy(entry)

    async def _delete_policy(self, entry: Policy) -> object:
        return await self._governance.delete_policy(NamePolicy(name=entry.name))


class PricingResources:
    """What limits and metering own."""

    def __init__(self, limits: Limits, metering: Metering) -> None:
        self._limits = limits
        self._metering = metering

    def kinds(self) -> Mapping[str, ResourceKind]:
        """Return the kinds by section."""
        return {
            "limits": ResourceKind(read=self._all_limits, put=self._put_limit, delete=self._delete_limit),
            "prices": ResourceKind(
                read=self._prices, put=self._put_price, delete=self._delete_price, put_all=self._put_prices
            ),
        }

    async def _all_limits(self) -> Sequence[Entry] | None:
        found: list[Limit] = []
        following: str | None = ""
        while following is not None:
            page = await self._limits.read(ReadLimits(after=following))
            found += page.items
            following = page.next
            if len(found) > LIMITS_CAP:
                return None
        return found

    async def _put_limit(self, entry: Limit, before: Entry | None) -> object:
        del before
        return await self._limits.put_limit(entry)

    async def _delete_limit(self, entry: Limit) -> object:
        return await self._limits.delete_limit(NameLimit(name=entry.name))

    async def _prices(self) -> Sequence[Entry]:
        found = (await self._metering.prices(ListPrices())).items
        return [PriceEntry(**fields_of(price, PriceEntry)) for price in found]

    async def _put_price(self, entry: PriceEntry, before: Entry | None) -> object:
        del before
        return await self._put_prices([entry])

    async def _put_prices(self, entries: Sequence[PriceEntry]) -> object:
        """Write them all into one version of the book."""
        prices = tuple(Price(**fields_of(entry, PriceEntry)) for entry in entries)
        return await self._metering.put_prices(PutPrices(items=prices))

    async def _delete_price(self, entry: PriceEntry) -> object:
        name = NamePrice(model=entry.model, provider=entry.provider, since=entry.since)
        return await self._metering.delete_price(name)
