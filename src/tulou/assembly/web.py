"""The control process's one HTTP application: REST, contracts for other processes, and the console."""

from collections.abc import Mapping

import msgspec
from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

import tulou
from tulou.assembly.description import describe_all
from tulou.assembly.first_start import FirstStart, FirstStartStatus
from tulou.assembly.wiring import Assembled
from tulou.chassis.component import Component
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.rest import AuditReceivers, rest_app
from tulou.chassis.rest.declared import permits
from tulou.chassis.transports import WireFault
from tulou.console.app import console_app
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.kernel.errors import UnavailableError


def control_app(
    components: Mapping[str, Component],
    assembled: Assembled,
    *,
    first_start: FirstStart,
    vault: APIRouter,
    token: str,
) -> FastAPI:
    """Return the application; `/api` needs an admin key, `/rpc` the house's token, the console nothing.

    REST asks contracts, so that it is whole in every process, wherever the services are; `/rpc` has only those of here.
    """
    provided = assembled.provided
    parts = [(part, provided[part.contract]) for part in components.values()]
    note = provided[Configuration].note if "configuration" in components else None
    app = rest_app(
        [*(part.routes(reached) for part, reached in parts if part.routes), _first_start(first_start), vault],
        public=[part.public_routes(reached) for part, reached in parts if part.public_routes],
        inference=[part.inference_routes(reached) for part, reached in parts if part.inference_routes],
        authenticate=provided[Identity].authenticate,
        decide=provided[Governance].decide,
        trail=AuditReceivers(record=provided[Governance].record, note=note),
        version=tulou.__version__,
    )
    for name in assembled.services:
        app.router.routes.extend(rpc_routes(components[name], provided[components[name].contract], token=token))
    app.mount("/rpc", _elsewhere)  # else the console would answer
    app.router.routes.extend(_operations())
    describe_all(app)
    app.mount("/", console_app())
    return app


def _first_start(first_start: FirstStart) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["house"])

    @router.get("/first-start", openapi_extra=permits("first-start:read", "first-start"))
    async def first_start_status() -> FirstStartStatus:
        """Say how far the first start is."""
        return first_start.status()

    return router


async def _elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell another process of the house that it looked for a service in the wrong place."""
    error = UnavailableError(f"{scope['path']} is not offered by this process; mend [remotes]")
    reply = Response(msgspec.json.encode(WireFault.of(error)), status_code=error.status, media_type="application/json")
    await reply(scope, receive, send)


def _operations() -> list[BaseRoute]:
    async def alive(_: object) -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    return [Route("/healthz", alive), Route("/readyz", alive)]
