"""What all use cases of identity stand in: database, outbox, clock, settings, and the roles that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tulou.chassis.cascade import AuditCascade, RemovedResource
from tulou.chassis.outbox import Outbox
from tulou.chassis.reach import caller
from tulou.contracts.governance.messages import ListRoles, RecordAudit, Role, RoleList
from tulou.kernel.clock import Clock
from tulou.kernel.context import HouseActor
from tulou.kernel.message import Done
from tulou.ports.database import Database
from tulou.services.identity.domain.reach import RoleReach
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store import principals


class GovernancePart(Protocol):
    """The part of governance that identity asks and tells."""

    async def roles(self, request: ListRoles) -> RoleList:
        """Return all roles."""
        ...

    async def record(self, request: RecordAudit) -> Done:
        """Append to the audit trail."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCaseContext:
    """What every use case is given."""

    database: Database
    outbox: Outbox
    clock: Clock
    settings: IdentitySettings
    governance: GovernancePart

    async def tell_cascade(self, things: Sequence[RemovedResource]) -> None:
        """Tell the audit trail of what went or came with what the caller asked for."""
        await AuditCascade(self.governance.record, clock=self.clock).tell(things)

    async def reach(self) -> RoleReach:
        """Return how far the caller of this moment reaches; raise `ForbiddenError` where nobody is known to ask."""
        asking = caller()
        known = await self.roles()
        if isinstance(asking.actor, HouseActor):
            return RoleReach(caller=asking, known=known, bindings=())
        async with self.database.reading() as tx:
            held = await principals.bindings(tx, asking.tenant, asking.principal)
        return RoleReach(caller=asking, known=known, bindings=held)

    async def roles(self) -> dict[str, Role]:
        """Return all roles by name."""
        return {role.name: role for role in (await self.governance.roles(ListRoles())).items}
