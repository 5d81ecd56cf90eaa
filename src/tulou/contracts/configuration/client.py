"""Configuration, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.configuration.api import (
    APPLY,
    COMPARE,
    EXPORT,
    NOTE,
    PLAN,
    PLAN_ROLLBACK,
    REVISIONS,
    ROLLBACK,
)
from tulou.contracts.configuration.messages import (
    Applied,
    Apply,
    Compare,
    Document,
    Export,
    ListRevisions,
    MakePlan,
    Note,
    Plan,
    PlanRollback,
    RevisionPage,
    Rollback,
)
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done


@dataclass(frozen=True, slots=True)
class ConfigurationClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def export(self, request: Export) -> Document:
        """Return the document; it holds no secrets, only references to them."""
        return await self.transport.call(EXPORT, request)

    async def plan(self, request: MakePlan) -> Plan:
        """Say what would change; raise `InvalidError` naming an unknown field and the nearest known one."""
        return await self.transport.call(PLAN, request)

    async def apply(self, request: Apply) -> Applied:
        """Make it so, whole or not at all; raise `ConflictError` when `base` is not the newest revision."""
        return await self.transport.call(APPLY, request)

    async def rollback(self, request: Rollback) -> Applied:
        """Return to an earlier revision, by making a new one that equals it."""
        return await self.transport.call(ROLLBACK, request)

    async def revisions(self, request: ListRevisions) -> RevisionPage:
        """Return a page of revisions."""
        return await self.transport.call(REVISIONS, request)

    async def compare(self, request: Compare) -> Plan:
        """Say how two revisions differ."""
        return await self.transport.call(COMPARE, request)

    async def note(self, request: Note) -> Done:
        """Record a change that was made otherwise."""
        return await self.transport.call(NOTE, request)

    async def plan_rollback(self, request: PlanRollback) -> Plan:
        """Say what a rollback would change, what of it does not come back, and which keys and credentials do."""
        return await self.transport.call(PLAN_ROLLBACK, request)
