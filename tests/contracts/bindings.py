"""Reach a service as the object itself, through bytes, or over HTTP to a real server."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

from starlette.applications import Starlette

from tulou.chassis.clients import client_of
from tulou.chassis.component import Component
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.operations import operations_of
from tulou.chassis.transports import HttpTransport, WireTransport
from tulou.http.server.server import serving
from tulou.testing.house import SmallHouse
from tulou.testing.http import http_client

Binding = Literal["direct", "wire", "http"]
BINDINGS: tuple[Binding, ...] = ("direct", "wire", "http")
TOKEN = "house-token"


@asynccontextmanager
async def opened(
    component: Component, house: SmallHouse, binding: Binding, more: Mapping[type[Any], object] | None = None
) -> AsyncGenerator[Any]:
    """Build a component in a house and reach it through a binding; `more` is what it needs beyond ports."""
    async with component.build(house.provided(more)) as service, bound(component, service, binding) as reached:
        yield reached


@asynccontextmanager
async def bound(component: Component, service: object, binding: Binding) -> AsyncGenerator[Any]:
    """Reach a service that is open already."""
    match binding:
        case "direct":
            yield service
        case "wire":
            handlers = {one.name: getattr(service, name) for name, one in operations_of(component.contract).items()}
            yield client_of(component.contract, WireTransport(handlers))
        case "http":
            app = Starlette(routes=rpc_routes(component, service, token=TOKEN))
            async with serving(app) as url, http_client() as http:
                yield client_of(component.contract, HttpTransport(url, http, token=TOKEN))
