"""Observability over REST: the overview, the metrics of the whole house, and logs."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from tulou.chassis.rest.declared import permits
from tulou.contracts.observability.api import Observability
from tulou.contracts.observability.messages import GetMetrics, GetOverview, LogLines, Overview, ReadLogs

PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def router(observability: Observability) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["observability"])

    @routes.get("/overview", openapi_extra=permits("overview:read", "overview"))
    async def get_overview(seconds: Annotated[int, Query(ge=1, le=600)] = 60) -> Overview:
        """Return rates, latencies, models and processes of the last seconds; a role of a tenant sees that tenant's."""
        return await observability.overview(GetOverview(seconds=seconds))

    @routes.get("/metrics", response_class=PlainTextResponse, openapi_extra=permits("metrics:read", "metric"))
    async def get_metrics() -> PlainTextResponse:
        """Return the metrics of every process in Prometheus text format."""
        reply = await observability.metrics(GetMetrics())
        return PlainTextResponse(reply.text, media_type=PROMETHEUS_TEXT)

    @routes.get("/logs", openapi_extra=permits("logs:read", "log"))
    async def read_logs(process: str = "", lines: Annotated[int, Query(ge=1)] = 200, request_id: str = "") -> LogLines:
        """Return the last log lines, of one process or of all merged by time, of one request or of all."""
        return await observability.logs(ReadLogs(process=process, lines=lines, request_id=request_id))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (get_overview, get_metrics, read_logs)
    return routes
