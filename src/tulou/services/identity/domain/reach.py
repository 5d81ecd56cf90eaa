"""How far a caller reaches: which tenants and projects, and which roles it may hand on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tulou.chassis.reach import Reach as Bounds
from tulou.contracts.governance.messages import Role
from tulou.contracts.identity.messages import RoleBinding
from tulou.kernel.errors import ForbiddenError, InvalidError
from tulou.services.identity.domain.permissions import hands_on, permits

EVERYTHING = (Role(name="house", permissions=("*:*",), house=True),)


@dataclass(frozen=True, slots=True)
class RoleReach(Bounds):
    """What all services know of a caller's reach, with the roles that there are and those that it holds in its tenant.

    Here it matters what was bound, not only what a route permits: a role is handed on only by who holds as much. A
    session may act in every project that its principal has a role in, a key in its own alone.
    """

    known: Mapping[str, Role]
    bindings: Sequence[RoleBinding]

    def is_caller(self, tenant: str, principal: str) -> bool:
        """Say whether a principal is the one who asks."""
        return (tenant, principal) == (self.caller.tenant, self.caller.principal)

    def roles(self, tenant: str, project: str = "") -> Sequence[Role]:
        """Return the caller's roles that count in a tenant as a whole, or in one of its projects."""
        if self.itself:
            return EVERYTHING
        here = project if self.caller.session or project == self.caller.project else ""
        held = {one.role: one for one in self.bindings if one.project in ("", here) and self._counts(one)}
        return [role for name in held if (role := self.known[name]).house or tenant == self.caller.tenant]

    def _counts(self, binding: RoleBinding) -> bool:
        """Say whether there is the role of a binding; one that has come to reach over the house fits no project."""
        role = self.known.get(binding.role)
        return role is not None and not (binding.project and role.house)

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
