"""How far a caller reaches: which tenants and projects, and which roles it may hand on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tulou.contracts.governance.messages import Role
from tulou.contracts.identity.messages import RoleBinding
from tulou.kernel.context import Context
from tulou.kernel.errors import ForbiddenError, InvalidError
from tulou.services.identity.domain.permissions import hands_on, permits

EVERYTHING = (Role(name="house", permissions=("*:*",), house=True),)


@dataclass(frozen=True, slots=True)
class Reach:
    """A caller, the roles that there are, and those that it holds in its own tenant.

    Nobody, which is the house itself calling from within, reaches everything. A session may act in every project that
    its principal has a role in, a key in its own alone.
    """

    caller: Context
    known: Mapping[str, Role]
    bindings: Sequence[RoleBinding]

    @property
    def nobody(self) -> bool:
        """Whether it is the house itself that calls."""
        return not self.caller.principal

    @property
    def house(self) -> bool:
        """Whether all tenants are within reach."""
        return self.nobody or self.caller.house

    def sees(self, tenant: str) -> bool:
        """Say whether a tenant is within reach."""
        return self.house or tenant == self.caller.tenant

    def check_tenant(self, tenant: str) -> None:
        """Raise `ForbiddenError` for another tenant, whether or not there is one of that name."""
        if not self.sees(tenant):
            raise ForbiddenError(f"you act in tenant {self.caller.tenant!r} alone, not in {tenant!r}", param="tenant")

    def check_house(self) -> None:
        """Raise `ForbiddenError` for a caller that ends at its own tenant."""
        if not self.house:
            raise ForbiddenError("this concerns the whole house; a role that reaches over it, as operator, may do it")

    def tenant(self, asked: str) -> str:
        """Return the tenant to look in: the one asked for, else the caller's own; empty stands for all."""
        if asked:
            self.check_tenant(asked)
        return asked or ("" if self.house else self.caller.tenant)

    def is_caller(self, tenant: str, principal: str) -> bool:
        """Say whether a principal is the one who asks."""
        return (tenant, principal) == (self.caller.tenant, self.caller.principal)

    def roles(self, tenant: str, project: str = "") -> Sequence[Role]:
        """Return the caller's roles that count in a tenant as a whole, or in one of its projects."""
        if self.nobody:
            return EVERYTHING
        here = project if self.caller.session or project == self.caller.project else ""
        held = (binding.role for binding in self.bindings if binding.project in ("", here))
        found = [self.known[name] for name in dict.fromkeys(held) if name in self.known]
        return [role for role in found if role.house or tenant == self.caller.tenant]

    def may(self, permission: str, tenant: str, project: str = "") -> bool:
        """Say whether the caller has a permission in a tenant, or in one of its projects."""
        return permits(self.roles(tenant, project), permission)

    def projects(self, permission: str) -> tuple[str, ...] | None:
        """Return the projects of the caller's tenant where it has a permission; None where it has it in all."""
        if self.house or self.may(permission, self.caller.tenant):
            return None
        named = {binding.project for binding in self.bindings if binding.project}
        return tuple(sorted(name for name in named if self.may(permission, self.caller.tenant, name)))

    def hands_on(self, tenant: str, binding: RoleBinding) -> bool:
        """Say whether a binding gives nothing that the caller does not have itself."""
        role = self.known.get(binding.role)
        if role is None:  # a role that is gone gives nothing
            return True
        mine = self.roles(tenant, binding.project)
        return hands_on([one for one in mine if one.house] if role.house else mine, role)

    def check_hand_on(self, tenant: str, bindings: Iterable[RoleBinding]) -> None:
        """Raise `ForbiddenError` for a role that is wider than what the caller may do itself."""
        for binding in bindings:
            if not self.hands_on(tenant, binding):
                raise ForbiddenError(
                    f"the role {binding.role!r} may do more than you; ask somebody who has it", param="roles"
                )

    def check_known(self, bindings: Iterable[RoleBinding]) -> None:
        """Raise `InvalidError` for a role that there is not, naming those there are, or that fits no project."""
        for binding in bindings:
            role = self.known.get(binding.role)
            if role is None:
                known = ", ".join(self.known)
                raise InvalidError(f"no role named {binding.role[:100]!r}; there are {known}", param="roles")
            if binding.project and role.house:
                raise InvalidError(
                    f"the role {role.name!r} reaches over the house; bind it to no project", param="roles"
                )
