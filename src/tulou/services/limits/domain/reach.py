"""Whose limits a caller sees and sets: its projects', its tenant's, or all if it may act over the house."""

from dataclasses import replace

from tulou.chassis.reach import Reach
from tulou.contracts.limits.messages import Limit
from tulou.kernel.errors import ForbiddenError
from tulou.services.limits.domain.checking import WITHIN_TENANT


def covers(reach: Reach, limit: Limit) -> bool:
    """Say whether a limit is within reach; those of the house itself have no tenant.

    At a project that is a limit of this project and nothing else: a key's or a principal's counts in others too.
    """
    if reach.house or not limit.tenant:
        return reach.house
    tenant, _, project = limit.subject.partition("/")
    at = project if limit.scope == "project" and tenant == limit.tenant else ""
    return reach.covers(limit.tenant, at)


def own(reach: Reach, limit: Limit) -> Limit:
    """Return the limit as the caller may set it: within its tenant, whether or not it says so."""
    if reach.house:
        return limit
    mine = reach.caller.tenant
    if limit.tenant not in ("", mine):
        raise ForbiddenError(f"you act in tenant {mine!r} alone, not in {limit.tenant!r}", param="tenant")
    if limit.scope == "house":
        raise ForbiddenError("a limit of the whole house is set by its operator", param="scope")
    if limit.scope == "tenant":
        limit = replace(limit, subject=limit.subject or mine)
    foreign = limit.subject != mine if limit.scope == "tenant" else _is_foreign(limit, mine)
    if foreign:
        raise ForbiddenError(f"{limit.scope} {limit.subject!r} is not in tenant {mine!r}", param="subject")
    limit = replace(limit, tenant=mine)
    check_covered(reach, limit)
    return limit


def check_covered(reach: Reach, limit: Limit) -> None:
    """Raise `ForbiddenError` for a limit of the caller's tenant that holds beyond the projects it reaches."""
    whole = limit if not limit.subject or "/" in limit.subject else _in_full(limit)
    if not covers(reach, whole):
        names = ", ".join(reach.within or ()) or "none"
        raise ForbiddenError(
            f"you keep limits of projects alone ({names}): give the scope `project` and one of these as subject",
            param="scope" if limit.scope != "project" else "subject",
        )


def _in_full(limit: Limit) -> Limit:
    return replace(limit, subject=f"{limit.tenant}/{limit.subject}") if limit.scope in WITHIN_TENANT else limit


def _is_foreign(limit: Limit, mine: str) -> bool:
    return limit.scope in WITHIN_TENANT and "/" in limit.subject and not limit.subject.startswith(f"{mine}/")
