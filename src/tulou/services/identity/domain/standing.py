"""How somebody stands: may they act, with which roles, and is a session over."""

from collections.abc import Sequence

from tulou.contracts.governance.messages import ProjectRoles
from tulou.contracts.identity.messages import Principal, RoleBinding, Session, Tenant
from tulou.services.identity.domain.names import DEFAULT


def why_blocked(tenant: Tenant | None, principal: Principal | None) -> str:
    """Return why somebody may do nothing now, although they are who they say; empty if they may."""
    if tenant is not None and tenant.suspended:
        return f"tenant {tenant.name!r} is suspended ({tenant.suspended})"
    if principal is not None and principal.suspended:
        return f"{principal.name!r} of tenant {principal.tenant!r} is suspended ({principal.suspended})"
    return ""


def roles_at(bindings: Sequence[RoleBinding], project: str) -> tuple[str, ...]:
    """Return the names of the roles that are held at the tenant and at one of its projects, each once."""
    return tuple(dict.fromkeys(binding.role for binding in bindings if binding.project in ("", project)))


def further_projects(bindings: Sequence[RoleBinding], project: str) -> tuple[ProjectRoles, ...]:
    """Return the roles held at every other project than the one somebody acts at."""
    roles: dict[str, list[str]] = {}
    for binding in bindings:
        if binding.project not in ("", project):
            roles.setdefault(binding.project, []).append(binding.role)
    return tuple(ProjectRoles(project=name, roles=tuple(held)) for name, held in sorted(roles.items()))


def project_of(bindings: Sequence[RoleBinding]) -> str:
    """Return the project that somebody who signs in acts at: `default`, else the first where they have a role."""
    if not bindings or any(binding.project in ("", DEFAULT) for binding in bindings):
        return DEFAULT
    return min(binding.project for binding in bindings)


def is_over(session: Session, *, now: float, idle_s: float) -> bool:
    """Say whether a session has lived its time, or was not used for too long."""
    return now >= session.expires_at or now - session.seen_at >= idle_s
