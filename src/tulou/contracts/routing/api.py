"""Routing: owns routes, and composes the snapshot from keys, deployments, routes and live replicas."""

from collections.abc import AsyncIterator
from typing import Protocol

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
from tulou.kernel.message import Done, Rejections


class Routing(Protocol):
    """Routes and snapshots."""

    async def snapshot(self, request: WatchSnapshot) -> Snapshot:
        """Return the snapshot as it is now."""
        ...

    def watch(self, request: WatchSnapshot) -> AsyncIterator[Update]:
        """Yield what is new now and at every change; a slow gateway gets several changes as one."""
        ...

    async def put_route(self, request: Route) -> Route:
        """Make or replace a route; raise `InvalidError` for one that names no deployment, or falls back in a circle."""
        ...

    async def delete_route(self, request: NameRoute) -> Done:
        """Remove a route; raise `NotFoundError` for an unknown one, `ConflictError` for an implicit one."""
        ...

    async def routes(self, request: ListRoutes) -> RouteList:
        """Return all routes."""
        ...

    async def reset_breakers(self, request: ResetBreakers) -> Done:
        """Close every breaker of every gateway by raising the snapshot's epoch."""
        ...

    async def validate_routes(self, request: ValidateRoutes) -> Rejections:
        """Say which routes would be refused among the others, and why; names of nothing are not looked for."""
        ...
