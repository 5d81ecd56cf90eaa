"""The decision: what a role permits is permitted unless a policy forbids it; a policy may permit more than roles do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tulou.contracts.governance.messages import Decide, Decision, Role
from tulou.rules.rights.evaluator import PolicyEvaluator, PolicyRuling
from tulou.rules.rights.nouns import permits, reaches

BEYOND_POLICIES = frozenset({"policies", "roles"})
"""What a role with `house` permits about these, no policy forbids: else a slip would lock everybody out for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """All roles by name, and the policies in force if there are any."""

    roles: Mapping[str, Role] = field(default_factory=dict[str, Role])
    statutes: PolicyEvaluator | None = None


def decide(ask: Decide, laws: AccessRules) -> Decision:
    """Decide one question; what no role and no policy permits is denied."""
    held = [laws.roles[name] for name in ask.subject.roles if name in laws.roles]
    able = [role for role in held if permits(role, ask.action)]
    by_role = _by_role(ask, able, held)
    if laws.statutes is None or (by_role.house and ask.action.partition(":")[0] in BEYOND_POLICIES):
        return by_role
    return _with(laws.statutes.rule(ask), by_role)


def _by_role(ask: Decide, able: list[Role], held: list[Role]) -> Decision:
    for role in able:
        if role.house:
            return Decision(allowed=True, house=True, why=f"the role {role.name} permits it")
    own = ask.resource.tenant in {"", ask.subject.tenant}
    for role in able:
        if own and reaches(role, ask.action):
            return Decision(allowed=True, why=f"the role {role.name} permits it")
    return Decision(allowed=False, why=_why_not(ask, able, held, own=own))


def _why_not(ask: Decide, able: list[Role], held: list[Role], *, own: bool) -> str:
    who = ask.subject.principal or "nobody"
    if not held:
        return f"{who} has no role"
    if not able:
        return f"{who} has {_listed([role.name for role in held])}, which does not permit it"
    names = _listed([role.name for role in able])
    if own:
        return f"it is the whole house's, and {names} of {who} ends at the tenant {ask.subject.tenant}"
    return f"it is of the tenant {ask.resource.tenant}, and {names} of {who} ends at {ask.subject.tenant}"


def _with(ruling: PolicyRuling, by_role: Decision) -> Decision:
    names = ruling.policies
    match ruling.verdict:
        case "forbid":
            return Decision(allowed=False, policies=names, why=f"the policy {', '.join(names)} forbids it")
        case "failed":
            why = f"a policy could not be evaluated, and what cannot be evaluated is denied: {ruling.why}"
            return Decision(allowed=False, policies=names, why=why)
        case "permit" if not by_role.allowed:
            return Decision(allowed=True, policies=names, why=f"the policy {', '.join(names)} permits it")
        case _:
            return by_role


def _listed(names: list[str]) -> str:
    return f"the role {names[0]}" if len(names) == 1 else f"the roles {' and '.join(names)}"
