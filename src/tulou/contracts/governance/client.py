"""Governance, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.governance.api import (
    AUDIT,
    DECIDE,
    DELETE_POLICY,
    DELETE_ROLE,
    POLICIES,
    POLICY_SET,
    PUT_POLICY,
    PUT_ROLE,
    RECORD,
    ROLES,
    TRY,
    VALIDATE_ROLES,
    VERIFY,
)
from tulou.contracts.governance.messages import (
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
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done, Rejections


@dataclass(frozen=True, slots=True)
class GovernanceClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def roles(self, request: ListRoles) -> RoleList:
        """Return all roles."""
        return await self.transport.call(ROLES, request)

    async def put_role(self, request: Role) -> Role:
        """Make or replace a role; raise `ConflictError` for a built-in one."""
        return await self.transport.call(PUT_ROLE, request)

    async def delete_role(self, request: NameRole) -> Done:
        """Remove a role; those who hold it lose what it permitted."""
        return await self.transport.call(DELETE_ROLE, request)

    async def policies(self, request: ListPolicies) -> PolicyList:
        """Return all policies."""
        return await self.transport.call(POLICIES, request)

    async def put_policy(self, request: Policy) -> Policy:
        """Make or replace a policy; raise `InvalidError` with line and column of what Cedar does not take."""
        return await self.transport.call(PUT_POLICY, request)

    async def delete_policy(self, request: NamePolicy) -> Done:
        """Remove a policy."""
        return await self.transport.call(DELETE_POLICY, request)

    async def policy_set(self, request: GetPolicySet) -> PolicySet:
        """Return what the data plane needs to decide on its own."""
        return await self.transport.call(POLICY_SET, request)

    async def decide(self, request: Decide) -> Decision:
        """Decide one question; what no role and no policy permits is denied."""
        return await self.transport.call(DECIDE, request)

    async def try_policies(self, request: TryPolicies) -> PolicyResults:
        """Decide cases, and say which are not as expected."""
        return await self.transport.call(TRY, request)

    async def record(self, request: RecordAudit) -> Done:
        """Append entries to the trail, each once."""
        return await self.transport.call(RECORD, request)

    async def audit(self, request: ListAudit) -> AuditPage:
        """Return a page of the trail."""
        return await self.transport.call(AUDIT, request)

    async def verify(self, request: VerifyAudit) -> AuditVerdict:
        """Recompute the chain, and compare its end with the head and with the seal."""
        return await self.transport.call(VERIFY, request)

    async def validate_roles(self, request: ValidateRoles) -> Rejections:
        """Say which roles would be refused, and why."""
        return await self.transport.call(VALIDATE_ROLES, request)
