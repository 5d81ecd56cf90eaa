"""How far what is permitted reaches: over the house, over a tenant as a whole, or over some of its projects."""

from collections.abc import Iterator
from dataclasses import replace

from tulou.contracts.governance.messages import Decide, Decision
from tulou.services.governance.decision import AccessRules, decide


def decide_with_bounds(ask: Decide, laws: AccessRules) -> Decision:
    """Decide one question, and say how far the answer reaches.

    A role at a project ends at the project, also one that would reach over the house. A policy permits as far as its
    subject's roles are bound: over the tenant for who holds one there, else in the projects it acts in.
    """
    decision = _decide(ask, laws)
    if decision.house:
        return decision
    if decision.allowed and _tenant_wide(ask, laws):
        return replace(decision, tenant_wide=True)
    own = (ask.subject.project,) if decision.allowed and ask.subject.project else ()
    projects = tuple(sorted({*own, *_further(ask, laws)}))
    return replace(decision, allowed=decision.allowed or bool(projects), projects=projects)


def _tenant_wide(ask: Decide, laws: AccessRules) -> bool:
    held = tuple(name for name in _of_tenant(ask) if name in laws.roles)
    return bool(held) and _decide(_as(ask, roles=held), laws).allowed


def _further(ask: Decide, laws: AccessRules) -> Iterator[str]:
    """Yield the other projects where the subject's roles there, and at the tenant, permit the same."""
    for one in ask.subject.projects:
        roles = (*_of_tenant(ask), *one.roles)
        if _decide(_as(ask, roles=roles, project=one.project), laws).allowed:
            yield one.project


def _of_tenant(ask: Decide) -> tuple[str, ...]:
    held = ask.subject.tenant_roles
    return ask.subject.roles if held is None else held


def _as(ask: Decide, *, roles: tuple[str, ...], project: str | None = None) -> Decide:
    at = ask.subject.project if project is None else project
    return replace(ask, subject=replace(ask.subject, roles=roles, project=at))


def _decide(ask: Decide, laws: AccessRules) -> Decision:
    """Decide with roles of the house that are held at a project taken for what they may be there."""
    of_project = set(ask.subject.roles) - set(_of_tenant(ask))
    known = (laws.roles[name] for name in of_project if name in laws.roles)
    if cut := {role.name: replace(role, house=False) for role in known if role.house}:
        laws = AccessRules(roles={**laws.roles, **cut}, statutes=laws.statutes)
    return decide(ask, laws)
