"""The control process's one HTTP application: REST, contracts for other processes, and the console."""

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

import tulou
from tulou.assembly.description import describe_all
from tulou.assembly.first_start import FirstStart, FirstStartStatus
from tulou.assembly.wiring import Assembled
from tulou.chassis.component import Component
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.rest import rest_app
from tulou.console.app import console_app
from tulou.contracts.identity.api import Identity


def control_app(
    components: Mapping[str, Component],
    assembled: Assembled,
    *,
    first_start: FirstStart,
    token: str,
) -> FastAPI:
    """Return the application; `/api` needs an admin key, `/rpc` the house's token, the console nothing.

    REST asks contracts, so that it is whole in every process, wherever the services are; `/rpc` has only those of here.
    """
    provided = assembled.provided
    routers = [part.routes(provided[part.contract]) for part in components.values() if part.routes]
    authenticate = provided[Identity].authenticate
    app = rest_app([*routers, _first_start(first_start)], authenticate=authenticate, version=tulou.__version__)
    for name, service in assembled.services.items():
        app.router.routes.extend(rpc_routes(components[name], service, token=token))
    app.router.routes.extend(_operations())
    describe_all(app)
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
