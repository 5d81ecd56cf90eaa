"""The control process's one HTTP application: REST, contracts for other processes, and the console."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

import tulou
from tulou.assembly.first_start import FirstStart, FirstStartStatus
from tulou.chassis.component import Component
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.rest import rest_app
from tulou.console.app import console_app
from tulou.contracts.identity.api import Identity


def control_app(
    components: Mapping[str, Component],
    services: Mapping[str, Any],
    *,
    identity: Identity,
    first_start: FirstStart,
    token: str,
) -> FastAPI:
    """Return the application; `/api` needs an admin key, `/rpc` the house's token, the console nothing."""
    local = [(components[name], service) for name, service in services.items()]
    routers = [component.routes(service) for component, service in local if component.routes]
    app = rest_app([*routers, _first_start(first_start)], authenticate=identity.authenticate, version=tulou.__version__)
    for component, service in local:
        app.router.routes.extend(rpc_routes(component, service, token=token))
    app.router.routes.extend(_operations())
    app.mount("/", console_app())
    return app


def _first_start(first_start: FirstStart) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["house"])

    @router.get("/first-start")
    async def first_start_status() -> FirstStartStatus:
        """Say how far the first start is."""
        return first_start.status()

    return router


def _operations() -> list[BaseRoute]:
    async def alive(_: object) -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    return [Route("/healthz", alive), Route("/readyz", alive)]
