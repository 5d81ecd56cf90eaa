"""Observability over REST."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from tulou.contracts.observability.api import Observability
from tulou.contracts.observability.messages import GetMetrics, GetOverview, LogLines, Overview, ReadLogs

PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def router(service: Observability) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["observability"])

    @routes.get("/overview", operation_id="get_overview")
    async def overview(seconds: int = 60) -> Overview:  # pyright: ignore[reportUnusedFunction] - a route
        """Return rates, latencies, models and processes of the last seconds."""
        return await service.overview(GetOverview(seconds=seconds))

    @routes.get("/metrics", operation_id="get_metrics", response_class=PlainTextResponse)
    async def metrics() -> PlainTextResponse:  # pyright: ignore[reportUnusedFunction] - a route
        """Return the metrics of every process in Prometheus text format."""
        reply = await service.metrics(GetMetrics())
        return PlainTextResponse(reply.text, media_type=PROMETHEUS_TEXT)

    @routes.get("/logs", operation_id="read_logs")
    async def logs(  # pyright: ignore[reportUnusedFunction] - a route
        process: str = "", lines: int = 200, request_id: str = ""
    ) -> LogLines:
        """Return the last log lines, of one process or of all merged by time, of one request or of all."""
        return await service.logs(ReadLogs(process=process, lines=lines, request_id=request_id))

    return routes
