"""The routing service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.events import KEY_CREATED, KEY_REVOKED
from tulou.contracts.routing import api
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.client import RoutingClient
from tulou.contracts.routing.events import BREAKERS_RESET, ROUTE_CHANGED
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.events import DEPLOYMENT_CHANGED, DEPLOYMENT_DELETED
from tulou.kernel.clock import Clock
from tulou.ports.database import Database
from tulou.services.routing.handlers import RoutingHandlers
from tulou.services.routing.http import router
from tulou.services.routing.service import RoutingService
from tulou.services.routing.settings import RoutingSettings

TOPICS = (KEY_CREATED, KEY_REVOKED, DEPLOYMENT_CHANGED, DEPLOYMENT_DELETED, ROUTE_CHANGED, BREAKERS_RESET)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[RoutingService]:
    """Open routing, and publish snapshots while it is open."""
    service = RoutingService(
        provided[Database],
        provided[Outbox],
        identity=provided[Identity],
        serving=provided[Serving],
        discovery=provided[Discovery],
        house=provided[House].name,
        clock=provided[Clock],
        settings=provided[RoutingSettings],
    )
    async with asyncio.TaskGroup() as group:
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
    client=RoutingClient,
    operations={
        api.SNAPSHOT: "snapshot",
        api.WATCH: "watch",
        api.PUT_ROUTE: "put_route",
        api.DELETE_ROUTE: "delete_route",
        api.ROUTES: "routes",
        api.RESET_BREAKERS: "reset_breakers",
    },
    needs=(Database, Outbox, House, Clock, Identity, Serving, Discovery, RoutingSettings),
    settings=RoutingSettings,
    migrations="tulou.services.routing.migrations",
    routes=router,
    handlers=RoutingHandlers,
    topics=dict.fromkeys(TOPICS, "on_change"),
)
