"""Whose things a caller sees and changes: one rule for all services.

Closed by default: a context that says of nothing that it is within reach reaches nothing, and one in which nobody acts
is not decided about at all.
"""

from dataclasses import dataclass

from tulou.chassis.actors import check_actor
from tulou.kernel.context import CONTEXT, Context, HouseActor
from tulou.kernel.errors import ForbiddenError


@dataclass(frozen=True, slots=True)
class Reach:
    """A caller, as far as what it asks for was permitted."""

    caller: Context

    @property
    def itself(self) -> bool:
        """Whether it is the house itself that acts."""
        return isinstance(self.caller.actor, HouseActor)

    @property
    def house(self) -> bool:
        """Whether all tenants are within reach."""
        return self.itself or self.caller.house

    @property
    def within(self) -> tuple[str, ...] | None:
        """The projects of the caller's tenant that are within reach; None where it is the tenant as a whole."""
        whole = self.house or (self.caller.tenant_wide and bool(self.caller.tenant))
        return None if whole else self.caller.projects

    def sees(self, tenant: str) -> bool:
        """Say whether something of a tenant is within reach, if only of one of its projects."""
        return self.house or (bool(tenant) and tenant == self.caller.tenant)

    def covers(self, tenant: str, project: str = "") -> bool:
        """Say whether a project is within reach, or without one the tenant as a whole."""
        return self.sees(tenant) and (self.within is None or (bool(project) and project in self.within))

    def check_tenant(self, tenant: str) -> None:
        """Raise `ForbiddenError` for another tenant, whether or not there is one of that name."""
        if not self.sees(tenant):
            raise ForbiddenError(f"you act in tenant {self.caller.tenant!r} alone, not in {tenant!r}", param="tenant")

    def check_house(self, what: str = "this") -> None:
        """Raise `ForbiddenError` for a caller that ends at its own tenant; `what` is the house's as a whole."""
        if not self.house:
            raise ForbiddenError(f"{what} is the whole house's; a role that reaches over it, as operator, may do this")

    @property
    def whole_tenant(self) -> str | None:
        """The tenant that is within reach as a whole; None where all are, empty where none is."""
        if self.house:
            return None
        return self.caller.tenant if self.within is None else ""

    def tenant(self, asked: str) -> str:
        """Return the tenant to look in: the one asked for, else the caller's own; empty stands for all."""
        if asked:
            self.check_tenant(asked)
        return asked or ("" if self.house else self.caller.tenant)


def caller() -> Context:
    """Return the context of who asks; raise `ForbiddenError` where nobody is known to."""
    check_actor("decision", "what only callers who are known may see or change")
    return CONTEXT.get()


def reach() -> Reach:
    """Return how far who asks reaches; raise `ForbiddenError` where nobody is known to ask."""
    return Reach(caller())
