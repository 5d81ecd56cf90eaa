"""Where limits are counted: by the control process, or in a store that several hosts share."""

from contextlib import AsyncExitStack

from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.ports import Open, opener
from tulou.assembly.wiring import Locate
from tulou.chassis.clients import client_of
from tulou.contracts.limits.api import Limits
from tulou.ports.allowances import Allowances, SharedAllowances
from tulou.services.gateway.quota.control import ControlAllowances

CONTROL = "control://"


def shared_opener(url: str) -> Open | None:
    """Return what opens the store that a URL names, None for the control process; raise `InvalidError` for neither."""
    return None if url.startswith(CONTROL) else opener("allowances", url)


async def shared_allowances(around: ProcessEnvironment, stack: AsyncExitStack) -> SharedAllowances:
    """Open the shared store that `[ports] allowances` names, if it names one."""
    url = around.url_of("allowances")
    shared = shared_opener(url)
    return SharedAllowances(await stack.enter_async_context(shared(url)) if shared else None)


async def gateway_allowances(around: ProcessEnvironment, locate: Locate, stack: AsyncExitStack) -> Allowances:
    """Return what a gateway asks: the shared store itself, else the control process."""
    shared = (await shared_allowances(around, stack)).allowances
    return shared or ControlAllowances(client_of(Limits, locate("limits")))
