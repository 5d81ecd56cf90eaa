"""The house's document over REST."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse

from tulou.chassis.rest.bodies import DOCUMENT_BYTES, takes
from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.paging import PageLimit
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import (
    Applied,
    Apply,
    Compare,
    Export,
    ListRevisions,
    MakePlan,
    Plan,
    PlanRollback,
    RevisionPage,
    Rollback,
)

YAML = "application/yaml"
NUMBER_MOST = 2**31 - 1

Number = Annotated[int, Query(ge=1, le=NUMBER_MOST)]


def router(configuration: Configuration) -> APIRouter:
    """Return the routes under `/api/v1/configuration`."""
    routes = APIRouter(prefix="/api/v1/configuration", tags=["configuration"])

    @routes.get(
        "",
        response_class=PlainTextResponse,
        responses={200: {"content": {YAML: {}}}},
        openapi_extra=permits("configuration:read", "configuration"),
    )
    async def export_configuration(revision: Number | None = None) -> PlainTextResponse:
        """Return the document as YAML: of a revision, or as it is now."""
        document = await configuration.export(Export(revision=revision))
        return PlainTextResponse(document.text, media_type=YAML)

    @routes.post(
        "/plan", openapi_extra={**permits("configuration:write", "configuration", "plan"), **takes(DOCUMENT_BYTES)}
    )
    async def plan_configuration(body: MakePlan) -> Plan:
        """Say what a document would change, and which requests of the last hour would have been decided differently."""
        return await configuration.plan(body)

    @routes.post(
        "/apply", openapi_extra={**permits("configuration:write", "configuration", "apply"), **takes(DOCUMENT_BYTES)}
    )
    async def apply_configuration(body: Apply) -> Applied:
        """Make a document so, whole or not at all."""
        return await configuration.apply(body)

    @routes.post("/rollback", openapi_extra=permits("configuration:write", "configuration", "rollback"))
    async def rollback_configuration(body: Rollback) -> Applied:
        """Return to an earlier revision."""
        return await configuration.rollback(body)

    @routes.post("/rollback/plan", openapi_extra=permits("configuration:write", "configuration", "rollback/plan"))
    async def plan_rollback(body: PlanRollback) -> Plan:
        """Say what a rollback would change, and what does not come back; name its `base` to get no more than that."""
        return await configuration.plan_rollback(body)

    @routes.get("/revisions", openapi_extra=permits("configuration:read", "configuration", "revisions"))
    async def list_revisions(
        limit: PageLimit = 50, after: Annotated[int, Query(ge=0, le=NUMBER_MOST)] = 0
    ) -> RevisionPage:
        """Return a page of revisions, newest first."""
        return await configuration.revisions(ListRevisions(limit=limit, after=after))

    @routes.get("/compare", openapi_extra=permits("configuration:read", "configuration", "compare"))
    async def compare_revisions(base: Number, to: Number | None = None) -> Plan:
        """Say how two revisions differ, or one and the house as it is."""
        return await configuration.compare(Compare(base=base, to=to))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (export_configuration, plan_configuration, apply_configuration, rollback_configuration)
    _ = (list_revisions, compare_revisions, plan_rollback)
    return routes
