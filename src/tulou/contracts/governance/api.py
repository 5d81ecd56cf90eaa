"""Governance: who may do what, and who did what."""

from typing import Protocol

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
from tulou.kernel.message import Done, Rejections


class Governance(Protocol):
    """Roles, policies and the audit trail."""

    async def roles(self, request: ListRoles) -> RoleList:
        """Return all roles."""
        ...

    async def put_role(self, request: Role) -> Role:
        """Make or replace a role; raise `ConflictError` for a built-in one."""
        ...

    async def delete_role(self, request: NameRole) -> Done:
        """Remove a role; those who hold it lose what it permitted."""
        ...

    async def policies(self, request: ListPolicies) -> PolicyList:
        """Return all policies."""
        ...

    async def put_policy(self, request: Policy) -> Policy:
        """Make or replace a policy; raise `InvalidError` with line and column of what Cedar does not take."""
        ...

    async def delete_policy(self, request: NamePolicy) -> Done:
        """Remove a policy."""
        ...

    async def policy_set(self, request: GetPolicySet) -> PolicySet:
        """Return what the data plane needs to decide on its own."""
        ...

    async def decide(self, request: Decide) -> Decision:
        """Decide one question; what no role and no policy permits is denied."""
        ...

    async def try_policies(self, request: TryPolicies) -> PolicyResults:
        """Decide cases, and say which are not as expected."""
        ...

    async def record(self, request: RecordAudit) -> Done:
        """Append entries to the trail, each once."""
        ...

    async def audit(self, request: ListAudit) -> AuditPage:
        """Return a page of the trail."""
        ...

    async def verify(self, request: VerifyAudit) -> AuditVerdict:
        """Recompute the chain, and compare its end with the head and with the seal."""
        ...

    async def validate_roles(self, request: ValidateRoles) -> Rejections:
        """Say which roles would be refused, and why."""
        ...
