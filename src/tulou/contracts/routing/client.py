"""Routing, reached over a transport."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tulou.contracts.routing.api import (
    DELETE_ROUTE,
    PUT_ROUTE,
    RESET_BREAKERS,
    ROUTES,
    SNAPSHOT,
    VALIDATE_ROUTES,
    WATCH,
)
from tulou.contracts.routing.messages import (
    ListRoutes,
    NameRoute,
    ResetBreakers,
    Route,
    RouteList,
    Snapshot,
    Update,
    ValidateRoutes,
    WatchSnapshot,
)
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done, Rejections


@dataclass(frozen=True, slots=True)
class RoutingClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def snapshot(self, request: WatchSnapshot) -> Snapshot:
        """Return the snapshot as it is now."""
        return await self.transport.call(SNAPSHOT, request)

    def watch(self, request: WatchSnapshot) -> AsyncIterator[Update]:
        """Yield what is new now and at every change; a slow gateway gets several changes as one."""
        return self.transport.stream(WATCH, request)

    async def put_route(self, request: Route) -> Route:
        """Make or replace a route; raise `InvalidError` for one that names no deployment, or falls back in a circle."""
        return await self.transport.call(PUT_ROUTE, request)

    async def delete_route(self, request: NameRoute) -> Done:
        """Remove a route; raise `NotFoundError` for an unknown one, `ConflictError` for an implicit one."""
        return await self.transport.call(DELETE_ROUTE, request)

    async def routes(self, request: ListRoutes) -> RouteList:
        """Return all routes."""
        return await self.transport.call(ROUTES, request)

    async def reset_breakers(self, request: ResetBreakers) -> Done:
        """Close every breaker of every gateway by raising the snapshot's epoch."""
        return await self.transport.call(RESET_BREAKERS, request)

    async def validate_routes(self, request: ValidateRoutes) -> Rejections:
        """Say which routes would be refused among the others, and why; names of nothing are not looked for."""
        return await self.transport.call(VALIDATE_ROUTES, request)
