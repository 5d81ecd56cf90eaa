"""Limits over REST."""

from fastapi import APIRouter

from tulou.chassis.rest.declared import permits
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import (
    Away,
    Edge,
    GetStanding,
    Limit,
    LimitList,
    ListLimits,
    Measure,
    NameLimit,
    Period,
    Scope,
    StandingList,
)
from tulou.kernel.message import message


@message
class LimitBody:
    """A limit without its name, which the path says; see `Limit`."""

    scope: Scope
    measure: Measure
    amount: float
    period: Period
    subject: str = ""
    models: tuple[str, ...] = ("*",)
    edge: Edge = "hard"
    away: Away = "local_share"
    warn_at: tuple[float, ...] = (0.8,)
    tenant: str = ""

    def limit(self, name: str) -> Limit:
        """Return the limit."""
        return Limit(name=name, **{field: getattr(self, field) for field in LimitBody.__dataclass_fields__})


def router(limits: Limits) -> APIRouter:
    """Return the routes under `/api/v1/limits`."""
    routes = APIRouter(prefix="/api/v1/limits", tags=["limits"])

    @routes.get("", openapi_extra=permits("limits:read", "limit", tenant="query"))
    async def list_limits(tenant: str = "") -> LimitList:
        """Return the limits that the caller sees."""
        return await limits.limits(ListLimits(tenant=tenant))

    @routes.get("/standing", openapi_extra=permits("limits:read", "limit", "standing", tenant="query"))
    async def limit_standing(limit: str = "", subject: str = "", tenant: str = "") -> StandingList:
        """Say what of each limit is used and held, when it resets, and what a budget will come to."""
        return await limits.standing(GetStanding(tenant=tenant, limit=limit, subject=subject))

    @routes.put("/{name:path}", openapi_extra=permits("limits:write", "limit", "{name}", tenant="body"))
    async def put_limit(name: str, body: LimitBody) -> Limit:
        """Make or replace a limit; what was used of it stays used."""
        return await limits.put_limit(body.limit(name))

    @routes.delete("/{name:path}", status_code=204, openapi_extra=permits("limits:write", "limit", "{name}"))
    async def delete_limit(name: str) -> None:
        """Remove a limit."""
        await limits.delete_limit(NameLimit(name=name))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_limits, limit_standing, put_limit, delete_limit)
    return routes
