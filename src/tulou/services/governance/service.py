"""The use cases of the governance service."""

from collections.abc import Sequence
from dataclasses import replace

from tulou.chassis.outbox import Outbox
from tulou.chassis.validation import rejections
from tulou.contracts.governance.events import POLICY_CHANGED, ROLE_CHANGED, PolicyChanged, RoleChanged
from tulou.contracts.governance.messages import (
    AuditEntry,
    AuditPage,
    AuditVerdict,
    Decide,
    Decision,
    GetPolicySet,
    ListAudit,
    ListPolicies,
    ListRoles,
    NamePolicy,
    NameRole,
    Policy,
    PolicyList,
    PolicyResults,
    PolicySet,
    RecordAudit,
    Role,
    RoleList,
    TryPolicies,
    ValidateRoles,
    VerifyAudit,
)
from tulou.contracts.metering.messages import Entry
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, LimitedError, NotFoundError
from tulou.kernel.message import Done, Rejections
from tulou.ports.database import Database
from tulou.services.governance import domain, trial
from tulou.services.governance.bounds import decide_with_bounds
from tulou.services.governance.counters import GovernanceCounters
from tulou.services.governance.decision import AccessRules
from tulou.services.governance.domain import BUILT_IN
from tulou.services.governance.policy_cache import PolicyCache, edited
from tulou.services.governance.refusals import RefusedRequests
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.store import laws as law_store
from tulou.services.governance.trail import AuditTrail


class GovernanceService:
    """Roles, policies and the audit trail, kept in the database; implements `contracts.governance.Governance`."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        trail: AuditTrail,
        *,
        clock: Clock,
        settings: GovernanceSettings,
        counters: GovernanceCounters,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._trail = trail
        self._clock = clock
        self._settings = settings
        self._counters = counters
        self._lawbook = PolicyCache(database)
        self._refused = RefusedRequests(clock)

    async def roles(self, request: ListRoles) -> RoleList:  # noqa: ARG002 - the contract's shape
        """Return all roles, built-in ones first."""
        return RoleList(items=tuple((await self._lawbook.edition()).laws.roles.values()))

    async def put_role(self, request: Role) -> Role:
        """Make or replace a role; raise `ConflictError` for a built-in one."""
        _check_put(request)
        role = replace(request, built_in=False)
        async with self._database.transaction() as tx:
            await law_store.raise_version(tx)
            await law_store.put_role(tx, role)
            _check_room("role", await law_store.count_roles(tx), self._settings.max_roles)
            await self._outbox.add(tx, ROLE_CHANGED, RoleChanged(name=role.name))
        return role

    async def validate_roles(self, request: ValidateRoles) -> Rejections:
        """Say which roles would be refused, and why."""
        return rejections(((role.name, role) for role in request.items), _check_put)

    async def delete_role(self, request: NameRole) -> Done:
        """Remove a role; those who hold it lose what it permitted."""
        _check_not_built_in(request.name)
        async with self._database.transaction() as tx:
            await law_store.raise_version(tx)
            if not await law_store.delete_role(tx, request.name):
                raise NotFoundError(f"no role {request.name!r}; `tulou roles list` shows those there are", param="name")
            await self._outbox.add(tx, ROLE_CHANGED, RoleChanged(name=request.name))
        return Done()

    async def policies(self, request: ListPolicies) -> PolicyList:  # noqa: ARG002 - the contract's shape
        """Return all policies."""
        async with self._database.reading() as tx:
            return PolicyList(items=tuple(await law_store.policies(tx)))

    async def put_policy(self, request: Policy) -> Policy:
        """Make or replace a policy; raise `InvalidError` with line and column of what Cedar does not take."""
        trial.check(request)
        async with self._database.transaction() as tx:
            await law_store.raise_version(tx)
            await law_store.put_policy(tx, request)
            _check_room("policy", await law_store.count_policies(tx), self._settings.max_policies)
            await self._outbox.add(tx, POLICY_CHANGED, PolicyChanged(name=request.name))
        return request

    async def delete_policy(self, request: NamePolicy) -> Done:
        """Remove a policy."""
        async with self._database.transaction() as tx:
            await law_store.raise_version(tx)
            if not await law_store.delete_policy(tx, request.name):
                raise NotFoundError(
                    f"no policy {request.name!r}; `tulou policy list` shows those there are", param="name"
                )
            await self._outbox.add(tx, POLICY_CHANGED, PolicyChanged(name=request.name))
        return Done()

    async def policy_set(self, request: GetPolicySet) -> PolicySet:  # noqa: ARG002 - the contract's shape
        """Return what the data plane needs to decide on its own."""
        return (await self._lawbook.edition()).policy_set

    async def decide(self, request: Decide) -> Decision:
        """Decide one question, and say how far the answer reaches; what no role and no policy permits is denied."""
        decision = decide_with_bounds(trial.whole(request, now=self._clock.now()), (await self._lawbook.edition()).laws)
        self._counters.decided(decision)
        return decision

    async def try_policies(self, request: TryPolicies) -> PolicyResults:
        """Decide cases, and say which are not as expected; nothing of it is kept."""
        return trial.tried(request.cases, await self._laws_to_try(request), now=self._clock.now())

    async def record(self, request: RecordAudit) -> Done:
        """Append entries to the trail, each once."""
        return await self._trail.record(request)

    async def record_refused(self, entries: Sequence[Entry]) -> None:
        """Append requests for inference that were refused, unless the settings leave them out.

        Of what a caller is refused again and again, the first of a minute is recorded, and the rest as one number.
        """
        if self._settings.refusals:
            await self._append((*self._refused.sums(), *self._refused.entries(entries)))

    async def sum_up(self, *, ending: bool = False) -> None:
        """Append how often requests were refused in minutes that are over."""
        await self._append(tuple(self._refused.sums(ending=ending)))

    async def _append(self, entries: Sequence[AuditEntry]) -> None:
        for start in range(0, len(entries), domain.ENTRIES_CAP):
            await self._trail.record(RecordAudit(entries=tuple(entries[start : start + domain.ENTRIES_CAP])))

    async def audit(self, request: ListAudit) -> AuditPage:
        """Return a page of the trail."""
        return await self._trail.page(request)

    async def verify(self, request: VerifyAudit) -> AuditVerdict:
        """Recompute the chain, and compare its end with the head and with the seal."""
        return await self._trail.verify(request)

    async def _laws_to_try(self, request: TryPolicies) -> AccessRules:
        if request.policies is None and request.roles is None:
            return (await self._lawbook.edition()).laws
        async with self._database.reading() as tx:
            policies = request.policies if request.policies is not None else await law_store.policies(tx)
            roles = request.roles if request.roles is not None else await law_store.roles(tx)
        for policy in request.policies or ():
            trial.check(policy)
        for role in request.roles or ():
            domain.check_role(role)
        return edited(0, roles, policies).laws


def _check_put(role: Role) -> None:
    _check_not_built_in(role.name)
    domain.check_role(role)


def _check_not_built_in(name: str) -> None:
    if name in BUILT_IN:
        raise ConflictError(f"the role {name} is built in and stays as it is; make one of another name", param="name")


def _check_room(kind: str, count: int, most: int) -> None:
    """Raise `LimitedError`, which undoes the transaction, when there are too many now."""
    if count > most:
        plural = "policies" if kind == "policy" else "roles"
        raise LimitedError(f"there are {most} {plural} already ([governance] max_{plural}); delete some")
