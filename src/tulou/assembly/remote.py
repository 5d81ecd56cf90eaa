"""Reach services that run in other processes."""

from contextlib import AsyncExitStack

import httpx2

from tulou.assembly.environment import Surroundings
from tulou.assembly.wiring import Locate
from tulou.chassis.house import House
from tulou.chassis.transports import HttpTransport
from tulou.contracts.transport import Transport

MOST_CONNECTIONS = 64


async def locator(around: Surroundings, house: House, stack: AsyncExitStack) -> Locate:
    """Return what finds a service: by `[remotes]` if it is named there, else in the control process."""
    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS)
    http = await stack.enter_async_context(httpx2.AsyncClient(limits=limits, trust_env=False))

    def locate(name: str) -> Transport:
        url = around.settings.remotes.get(name, house.control_url)
        return HttpTransport(url.rstrip("/"), http, token=house.token)

    return locate
