"""Whose limits a caller sees and sets: those of its tenant, or all if it may act over the house."""

from dataclasses import dataclass, replace

from tulou.contracts.limits.messages import Limit
from tulou.kernel.context import Context
from tulou.kernel.errors import ForbiddenError
from tulou.services.limits.domain.checking import WITHIN_TENANT


@dataclass(frozen=True, slots=True)
class Reach:
    """A caller; nobody is the house itself, which calls from within."""

    caller: Context

    @property
    def house(self) -> bool:
        """Whether all tenants are within reach."""
        return self.caller.house or not self.caller.principal

    def sees(self, tenant: str) -> bool:
        """Say whether the limits of a tenant are within reach; those of the house itself have none."""
        return self.house or tenant == self.caller.tenant

    def tenant(self, asked: str) -> str:
        """Return the tenant to look in; empty stands for all. Raise `ForbiddenError` for another tenant."""
        if asked and not self.sees(asked):
            raise ForbiddenError(f"you act in tenant {self.caller.tenant!r} alone, not in {asked!r}", param="tenant")
        return asked or ("" if self.house else self.caller.tenant)

    def own(self, limit: Limit) -> Limit:
        """Return the limit as the caller may set it: within its tenant, whether or not it says so."""
        if self.house:
            return limit
        mine = self.caller.tenant
        if limit.tenant not in ("", mine):
            raise ForbiddenError(f"you act in tenant {mine!r} alone, not in {limit.tenant!r}", param="tenant")
        if limit.scope == "house":
            raise ForbiddenError("a limit of the whole house is set by its operator", param="scope")
        if limit.scope == "tenant":
            limit = replace(limit, subject=limit.subject or mine)
        foreign = limit.subject != mine if limit.scope == "tenant" else _is_foreign(limit, mine)
        if foreign:
            raise ForbiddenError(f"{limit.scope} {limit.subject!r} is not in tenant {mine!r}", param="subject")
        return replace(limit, tenant=mine)


def _is_foreign(limit: Limit, mine: str) -> bool:
    return limit.scope in WITHIN_TENANT and "/" in limit.subject and not limit.subject.startswith(f"{mine}/")
