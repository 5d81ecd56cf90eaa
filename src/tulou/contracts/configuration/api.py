"""Configuration: all declared resources as one document, planned, applied, recorded and rolled back."""

from typing import Protocol

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
from tulou.kernel.message import Done


class Configuration(Protocol):
    """The house's document."""

    async def export(self, request: Export) -> Document:
        """Return the document; it holds no secrets, only references to them."""
        ...

    async def plan(self, request: MakePlan) -> Plan:
        """Say what would change; raise `InvalidError` naming an unknown field and the nearest known one."""
        ...

    async def apply(self, request: Apply) -> Applied:
        """Make it so, whole or not at all; raise `ConflictError` when `base` is not the newest revision."""
        ...

    async def rollback(self, request: Rollback) -> Applied:
        """Return to an earlier revision, by making a new one that equals it."""
        ...

    async def revisions(self, request: ListRevisions) -> RevisionPage:
        """Return a page of revisions."""
        ...

    async def compare(self, request: Compare) -> Plan:
        """Say how two revisions differ."""
        ...

    async def note(self, request: Note) -> Done:
        """Record a change that was made otherwise."""
        ...

    async def plan_rollback(self, request: PlanRollback) -> Plan:
        """Say what a rollback would change, what of it does not come back, and which keys and credentials do."""
        ...
