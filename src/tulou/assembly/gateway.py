"""One gateway process: it shares the port with the others, and needs the control plane only to learn of changes."""

import asyncio
from contextlib import AsyncExitStack

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.claims import share_gate
from tulou.assembly.environment import Surroundings
from tulou.assembly.reference import settings_of
from tulou.assembly.remote import locator
from tulou.assembly.stopping import stop_asked
from tulou.assembly.things import gateway_things
from tulou.assembly.wiring import assemble
from tulou.chassis.house import House
from tulou.chassis.http.server import serve
from tulou.chassis.telemetry.logs import open_logs
from tulou.chassis.telemetry.metrics import report_forever
from tulou.contracts.observability.api import Observability
from tulou.kernel.errors import InvalidError


async def run_gateway(around: Surroundings, number: int) -> None:
    """Serve until asked to stop; requests in flight are finished first."""
    name = f"gateway-{number}"
    stop = stop_asked(around.lifeline_fd)
    async with AsyncExitStack() as stack:
        logs = open_logs(around.directory / "log", process=name, level=around.house.log_level)
        stack.callback(logs.close)
        things = await gateway_things(around, name, stack)
        locate = await locator(around, things[House], stack)
        given = things.all | settings_of(around)
        assembled = await assemble(CATALOGUE, ["gateway"], stack=stack, things=given, locate=locate)
        service = assembled.services["gateway"]
        reporting = report_forever(
            assembled.provided[Observability], source=name, kind="gateway", registry=things[CollectorRegistry]
        )
        task = asyncio.create_task(reporting)
        stack.callback(task.cancel)
        listening = share_gate(around.house.host, around.house.port)
        await serve(app(service), [listening], stop=stop, drain_s=around.house.drain_s, draining=service.drain)


def app(service: object) -> ASGIApp:
    """Return the gateway's application."""
    make = CATALOGUE["gateway"].asgi
    if make is None:
        raise InvalidError("the component `gateway` has no application to serve")
    return make(service)
