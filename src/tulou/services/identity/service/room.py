"""What all use cases of identity stand in: database, outbox, clock, settings, and the roles that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tulou.chassis.cascade import Cascade, Went
from tulou.chassis.outbox import Outbox
from tulou.chassis.reach import caller
from tulou.contracts.governance.messages import ListRoles, RecordAudit, Role, RoleList
from tulou.kernel.clock import Clock
from tulou.kernel.context import House
from tulou.kernel.message import Done
from tulou.ports.database import Database
from tulou.services.identity.domain.reach import Reach
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.store import principals


class Roles(Protocol):
    """The part of governance that identity asks and tells."""

    async def roles(self, request: ListRoles) -> RoleList:
        """Return all roles."""
        ...

    async def record(self, request: RecordAudit) -> Done:
        """Append to the audit trail."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What every use case is given."""

    database: Database
    outbox: Outbox
    clock: Clock
    settings: IdentitySettings
    governance: Roles

    async def tell_cascade(self, things: Sequence[Went]) -> None:
        """Tell the audit trail of what went or came with what the caller asked for."""
        await Cascade(self.governance.record, clock=self.clock).tell(things)

    async def reach(self) -> Reach:
        """Return how far the caller of this moment reaches; raise `ForbiddenError` where nobody is known to ask."""
        asking = caller()
        known = await self.roles()
        if isinstance(asking.actor, House):
            return Reach(caller=asking, known=known, bindings=())
        async with self.database.reading() as tx:
            held = await principals.bindings(tx, asking.tenant, asking.principal)
        return Reach(caller=asking, known=known, bindings=held)

    async def roles(self) -> dict[str, Role]:
        """Return all roles by name."""
        return {role.name: role for role in (await self.governance.roles(ListRoles())).items}
