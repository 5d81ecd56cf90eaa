"""Where each service is: by `[remotes]` if it is named there, else in the control process."""

from collections.abc import Iterable
from contextlib import AsyncExitStack

import httpx2

from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.wiring import Locate
from tulou.chassis.house import House
from tulou.chassis.transports import HttpTransport
from tulou.contracts.transport import Transport
from tulou.kernel.errors import InvalidError

MOST_CONNECTIONS = 64


async def locator(around: ProcessEnvironment, house: House, stack: AsyncExitStack) -> Locate:
    """Return what reaches a service in another process."""
    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS)
    http = await stack.enter_async_context(httpx2.AsyncClient(limits=limits, trust_env=False))

    def locate(name: str) -> Transport:
        return HttpTransport(address(around, name, house.control_url), http, token=house.token)

    return locate


def address(around: ProcessEnvironment, name: str, control_url: str) -> str:
    """Return the URL of a service, given that of the control process."""
    return around.settings.remotes.get(name, control_url).rstrip("/")


def shared_address(around: ProcessEnvironment, names: Iterable[str]) -> str:
    """Return the one URL of services that run together; raise `InvalidError` if others look for them at several."""
    places = {name: address(around, name, around.house.control_url) for name in names}
    if len(set(places.values())) > 1:
        said = ", ".join(f"{name} at {url or 'an address of its own choice'}" for name, url in sorted(places.items()))
        raise InvalidError(f"one process cannot be at several addresses: {said}; mend [remotes] or the targets")
    return next(iter(places.values()))
