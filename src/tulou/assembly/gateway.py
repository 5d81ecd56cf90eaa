"""One gateway process: it shares the port with the others, and needs the control plane only to learn of changes.

It knows no component but its own: what it never imports, it neither waits for at its start nor holds in memory.
"""

import asyncio
from contextlib import AsyncExitStack

from prometheus_client import CollectorRegistry

from tulou.assembly.allowances import gateway_allowances
from tulou.assembly.claims import share_gate
from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.heartbeat import beating
from tulou.assembly.opened import Opened, basics
from tulou.assembly.remote import locator
from tulou.assembly.stopping import stop_asked
from tulou.chassis.actors import MISSING
from tulou.chassis.clients import client_of
from tulou.chassis.collector import calm_collector
from tulou.chassis.house import House
from tulou.chassis.provided import Provided
from tulou.chassis.telemetry.logs import open_logs
from tulou.chassis.telemetry.metrics import report_forever
from tulou.chassis.threads import let_the_loop_in
from tulou.contracts.metering.api import Metering
from tulou.contracts.observability.api import Observability
from tulou.contracts.responses.api import Responses
from tulou.contracts.routing.api import Routing
from tulou.contracts.upstreams.api import Upstreams
from tulou.http.server.descriptors import raise_descriptors
from tulou.http.server.server import serve
from tulou.kernel.context import as_house
from tulou.ports.allowances import Allowances
from tulou.services.gateway.component import COMPONENT
from tulou.services.gateway.http.app import build_app
from tulou.services.gateway.settings import GatewaySettings

LINGER_S = 1.0
"""How long idle connections stay open when a gateway stops, for requests that are on their way to it."""


async def run_gateway(around: ProcessEnvironment, number: int) -> None:
    """Serve until asked to stop; requests in flight are finished first."""
    name = f"gateway-{number}"
    stop = stop_asked(around.lifeline_fd)
    async with AsyncExitStack() as stack:
        logs = open_logs(around.directory / "log", process=name, level=around.house.log_level)
        stack.callback(logs.close)
        things = await basics(around, name, stack)
        locate = await locator(around, things[House], stack)
        things.all[Routing] = client_of(Routing, locate("routing"))
        things.all[Responses] = client_of(Responses, locate("responses"))
        things.all[Upstreams] = client_of(Upstreams, locate("upstreams"))
        things.all[Allowances] = await gateway_allowances(around, locate, stack)
        things.all[Metering] = client_of(Metering, locate("metering"))
        things.all[GatewaySettings] = around.settings.table("gateway", GatewaySettings)
        service = await stack.enter_async_context(COMPONENT.build(Provided(things.all)))
        things[CollectorRegistry].register(MISSING)
        with as_house("metrics are reported"):
            reporting = asyncio.create_task(_report(name, things, client_of(Observability, locate("observability"))))
        stack.callback(reporting.cancel)
        raise_descriptors()
        calm_collector()
        let_the_loop_in()
        listening = share_gate(around.house.host, around.house.port)
        async with beating(around):
            await serve(
                build_app(service),
                [listening],
                stop=stop,
                drain_s=around.house.drain_s,
                linger_s=min(LINGER_S, around.house.drain_s),
                limits=service.guard_limits,
                draining=service.drain,
            )


async def _report(name: str, things: Opened, observability: Observability) -> None:
    await report_forever(observability, source=name, kind="gateway", registry=things[CollectorRegistry])
