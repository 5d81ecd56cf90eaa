"""Decide the requests of the past again, with the house as it is and as it would be, and tell the differences.

Both are decided anew, so that what has been used since, or was changed meanwhile, is no difference. What a policy knows
of a request beyond who asks for which model, such as the hour, is that of now.
"""

from collections.abc import Iterable, Mapping, Sequence

from tulou.contracts.configuration.messages import Different
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import Decide, Decision, PolicyCase, Resource, Role, Subject, TryPolicies
from tulou.contracts.identity.api import Identity
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import PastRequest, ReplayLimits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import Entry, ListEntries
from tulou.kernel.context import as_house
from tulou.kernel.message import message
from tulou.services.configuration.domain.dangling import ModelNames
from tulou.services.configuration.domain.document import PrincipalEntry, Resources, RoleEntry
from tulou.services.configuration.key_owners import KeyOwners

PAGE = 1_000
CASES = 500
EXAMPLES = 20
LET_THROUGH = "let through"

_POLICY = ("roles", "policies", "principals", "tenants")
_LIMITS = ("limits",)
_MODELS = ("deployments", "routes")

Asked = tuple[str, str, str, str, str]
"""Tenant, principal, project, key and model: all that most policies look at."""


@message
class ReplayResult:
    """How many requests were decided again, and those whose decision differs."""

    requests: int = 0
    different: int = 0
    examples: tuple[Different, ...] = ()
    warnings: tuple[str, ...] = ()


class RequestReplay:
    """Asks the ledger what came, governance and limits what they would have said."""

    def __init__(
        self, metering: Metering, governance: Governance, limits: Limits, identity: Identity, *, most: int
    ) -> None:
        self._metering = metering
        self._governance = governance
        self._limits = limits
        self._makers = KeyOwners(identity)
        self._most = most

    async def replay(self, before: Resources, after: Resources, *, start: float, end: float) -> ReplayResult:
        """Return the differences; nothing is asked where nothing that decides has changed."""
        if not _differ(before, after, (*_POLICY, *_LIMITS, *_MODELS)):
            return ReplayResult()
        with as_house("past requests are decided again"):
            entries = await self._entries(start, end)
            was = await self._decided(before, after, before, entries)
            would_be = await self._decided(before, after, after, entries)
        changed = [
            _different(entry, old, new) for entry, old, new in zip(entries, was, would_be, strict=True) if old != new
        ]
        warnings = (f"only the newest {self._most} requests were decided again",) if len(entries) == self._most else ()
        return ReplayResult(
            requests=len(entries), different=len(changed), examples=tuple(changed[:EXAMPLES]), warnings=warnings
        )

    async def _entries(self, start: float, end: float) -> Sequence[Entry]:
        """Return requests, newest first; attempts that others followed are none of their own."""
        found: list[Entry] = []
        after = ""
        while len(found) < self._most:
            page = await self._metering.entries(ListEntries(limit=PAGE, after=after, start=start, end=end))
            found += [entry for entry in page.items if entry.final]
            if page.next is None:
                break
            after = page.next
        return found[: self._most]

    async def _decided(
        self, before: Resources, after: Resources, state: Resources, entries: Sequence[Entry]
    ) -> Sequence[str]:
        """Return of each request what becomes of it in a state: in the order of the gate, the first word counts."""
        models, moved = ModelNames(state), _differ(before, after, _MODELS + _POLICY)
        decided = [_place(state, models, entry) if moved else "" for entry in entries]
        if _differ(before, after, _POLICY):
            allowed = await self._by_policy(state, _open(entries, decided))
            decided = [word or allowed.get(_asked(entry), "") for entry, word in zip(entries, decided, strict=True)]
        if _differ(before, after, _LIMITS):
            left = _open(entries, decided)
            refused = await self._by_limits(state, left)
            decided = [word or refused.get(entry.id, "") for entry, word in zip(entries, decided, strict=True)]
        return [word or LET_THROUGH for word in decided]

    async def _by_policy(self, state: Resources, entries: Iterable[Entry]) -> Mapping[Asked, str]:
        asked = list(dict.fromkeys(_asked(entry) for entry in entries))
        roles = tuple(_role(role) for role in state["roles"].values())
        policies = tuple(state["policies"].values())
        words: dict[Asked, str] = {}
        for first in range(0, len(asked), CASES):
            some = asked[first : first + CASES]
            cases = tuple(PolicyCase(name=str(at), ask=_ask(state, one), expect="allow") for at, one in enumerate(some))
            tried = await self._governance.try_policies(TryPolicies(cases=cases, policies=policies, roles=roles))
            words |= {one: _denied(result.decision) for one, result in zip(some, tried.items, strict=True)}
        return words

    async def _by_limits(self, state: Resources, entries: Sequence[Entry]) -> Mapping[str, str]:
        in_time = sorted(entries, key=lambda entry: entry.at)
        limits = tuple(state.get("limits", {}).values())
        by_key = any(limit.scope == "key" for limit in limits)
        makers = await self._makers.of({entry.key for entry in in_time if by_key})
        request = ReplayLimits(
            limits=limits, requests=tuple(_past(entry, makers.get(entry.key, ())) for entry in in_time)
        )
        refused = (await self._limits.replay(request)).refused_by
        return {entry.id: f"refused by limit {name!r}" for entry, name in zip(in_time, refused, strict=True) if name}


def _differ(before: Resources, after: Resources, sections: Iterable[str]) -> bool:
    return any(before.get(section) != after.get(section) for section in sections)


def _open(entries: Sequence[Entry], decided: Sequence[str]) -> Sequence[Entry]:
    return [entry for entry, word in zip(entries, decided, strict=True) if not word]


def _asked(entry: Entry) -> Asked:
    return (entry.tenant, entry.principal, entry.project, entry.key, entry.model)


def _place(state: Resources, models: ModelNames, entry: Entry) -> str:
    """Return why a request finds no tenant, principal or model; nothing if it does."""
    tenant = state["tenants"].get(entry.tenant)
    if tenant is not None and tenant.suspended:
        return f"tenant {entry.tenant!r} is suspended"
    principal = state["principals"].get(f"{entry.tenant}/{entry.principal}")
    if principal is None:
        return f"principal {entry.principal!r} is not there"
    if principal.suspended:
        return f"principal {entry.principal!r} is suspended"
    if entry.model not in models:
        return f"model {entry.model!r} is not there"
    return ""


def _ask(state: Resources, asked: Asked) -> Decide:
    tenant, principal, project, key, model = asked
    known: PrincipalEntry | None = state["principals"].get(f"{tenant}/{principal}")
    bindings = known.roles if known else ()
    subject = Subject(
        tenant=tenant,
        principal=principal,
        project=project,
        kind=known.kind if known else "user",
        key=key,
        roles=tuple(dict.fromkeys(one.role for one in bindings if one.project in ("", project))),
        attributes=known.attributes if known else {},
    )
    return Decide(subject=subject, action="models:use", resource=Resource(kind="model", name=model, tenant=tenant))


def _role(role: RoleEntry) -> Role:
    return Role(name=role.name, title=role.title, permissions=role.permissions, house=role.house)


def _denied(decision: Decision) -> str:
    if decision.allowed:
        return ""
    by = f" by policy {', '.join(decision.policies)}" if decision.policies else ""
    return f"denied{by}"


def _past(entry: Entry, makers: tuple[str, ...]) -> PastRequest:
    return PastRequest(
        id=entry.id,
        at=entry.at,
        took_s=entry.took_ms / 1000,
        key=entry.key,
        principal=entry.principal,
        project=entry.project,
        tenant=entry.tenant,
        model=entry.model,
        input_tokens=entry.units.input,
        output_tokens=entry.units.output,
        cost=entry.cost,
        refused_by=entry.refused_by,
        makers=makers,
        units=entry.units,
    )


def _different(entry: Entry, was: str, would_be: str) -> Different:
    return Different(
        request_id=entry.request_id,
        at=entry.at,
        tenant=entry.tenant,
        project=entry.project,
        principal=entry.principal,
        key=entry.key,
        model=entry.model,
        was=was,
        would_be=would_be,
        why=would_be if would_be != LET_THROUGH else was,
    )
