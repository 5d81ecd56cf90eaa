"""Routes and the snapshot over REST."""

from dataclasses import replace

from fastapi import APIRouter

from tulou.chassis.rest.declared import permits
from tulou.contracts.discovery.messages import Replica
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import (
    ListRoutes,
    NameRoute,
    ResetBreakers,
    Route,
    RouteList,
    Snapshot,
    WatchSnapshot,
)
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import Done

MOST_SHOWN = 1_000
"""Keys: a hundred thousand would take the control process seconds to write."""


def router(routing: Routing) -> APIRouter:
    """Return the routes `/api/v1/routes`, `/api/v1/breakers` and `/api/v1/snapshot`."""
    routes = APIRouter(prefix="/api/v1", tags=["routing"])

    @routes.get("/routes", openapi_extra=permits("routes:read", "route"))
    async def list_routes() -> RouteList:
        """Return all routes, those too that come with deployments."""
        return await routing.routes(ListRoutes())

    @routes.put("/routes/{model:path}", openapi_extra=permits("routes:write", "route", "{model}"))
    async def put_route(model: str, body: Route) -> Route:
        """Make or replace the route of a model."""
        if body.model != model:
            raise InvalidError(f"the path says {model!r} and the body {body.model!r}; they must agree", param="model")
        return await routing.put_route(body)

    @routes.delete("/routes/{model:path}", openapi_extra=permits("routes:write", "route", "{model}"))
    async def delete_route(model: str) -> Done:
        """Remove a route that somebody made."""
        return await routing.delete_route(NameRoute(model=model))

    @routes.post("/breakers/reset", openapi_extra=permits("breakers:write", "breaker", "reset"))
    async def reset_breakers() -> Done:
        """Close every breaker of every gateway."""
        return await routing.reset_breakers(ResetBreakers())

    @routes.get("/snapshot", openapi_extra=permits("snapshot:read", "snapshot"))
    async def get_snapshot() -> Snapshot:
        """Return what the gateways live from, without what proves anything: no digests, no headers; of keys a few."""
        snapshot = await routing.snapshot(WatchSnapshot(gateway="rest"))
        return replace(
            snapshot,
            grants=tuple(replace(grant, digest="") for grant in snapshot.grants[:MOST_SHOWN]),
            targets=tuple(
                replace(target, replicas=tuple(_shown(replica) for replica in target.replicas))
                for target in snapshot.targets
            ),
        )

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_routes, put_route, delete_route, reset_breakers, get_snapshot)
    return routes


def _shown(replica: Replica) -> Replica:
    return replace(replica, headers=(), credentials=())
