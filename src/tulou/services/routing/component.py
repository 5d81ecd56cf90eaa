"""The routing service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.events import (
    KEY_CREATED,
    KEY_REVOKED,
    PRINCIPAL_CHANGED,
    TENANT_CHANGED,
)
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.events import LIMIT_CHANGED
from tulou.contracts.metering.api import Metering
from tulou.contracts.routing.api import Routing
from tulou.contracts.serving.api import Serving
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.ports.database import Database
from tulou.services.routing.handlers import PARTS, RoutingHandlers
from tulou.services.routing.http import router
from tulou.services.routing.service import RoutingService
from tulou.services.routing.settings import RoutingSettings
from tulou.services.routing.sources import SnapshotServices

TOPICS = {
    KEY_CREATED: RoutingHandlers.on_key,
    KEY_REVOKED: RoutingHandlers.on_key,
    PRINCIPAL_CHANGED: RoutingHandlers.on_principal,
    TENANT_CHANGED: RoutingHandlers.on_tenant,
    LIMIT_CHANGED: RoutingHandlers.on_limit,
    **dict.fromkeys(PARTS, RoutingHandlers.on_part),
}
"""Everything that a snapshot is made of."""


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[RoutingService]:
    """Open routing, and publish snapshots while it is open."""
    service = RoutingService(
        provided[Database],
        provided[Outbox],
        provided[Identity],
        SnapshotServices(
            serving=provided[Serving],
            discovery=provided[Discovery],
            limits=provided[Limits],
            metering=provided[Metering],
            governance=provided[Governance],
        ),
        house=provided[House].name,
        clock=provided[Clock],
        settings=provided[RoutingSettings],
    )
    async with asyncio.TaskGroup() as group:
        with as_house("routing composes snapshots"):
            following = group.create_task(service.follow())
        try:
            yield service
        finally:
            following.cancel()


COMPONENT = Component(
    name="routing",
    plane="traffic",
    contract=Routing,
    build=build,
    changes={
        Routing.put_route: changes("routes:write", "{model}"),
        Routing.delete_route: changes("routes:write", "{model}"),
        Routing.reset_breakers: changes("breakers:write", "reset"),
    },
    needs=(
        Database,
        Outbox,
        House,
        Clock,
        Identity,
        Serving,
        Discovery,
        Limits,
        Metering,
        Governance,
        RoutingSettings,
    ),
    settings=RoutingSettings,
    migrations="tulou.services.routing.migrations",
    routes=router,
    handlers=RoutingHandlers,
    topics=TOPICS,
    listening=RoutingHandlers.on_listening,
)
