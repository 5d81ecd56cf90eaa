"""Discovery, as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.component import Component
from tulou.chassis.provided import Provided
from tulou.contracts.discovery.api import Discovery
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.services.discovery.service import LeasedDiscovery
from tulou.services.discovery.settings import DiscoverySettings


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[LeasedDiscovery]:
    """Keep leases, and sweep them, for as long as the block runs."""
    discovery = LeasedDiscovery(clock=provided[Clock], settings=provided[DiscoverySettings])
    async with asyncio.TaskGroup() as tasks:
        with as_house("discovery ends leases"):
            sweeping = tasks.create_task(discovery.run())
        try:
            yield discovery
        finally:
            sweeping.cancel()


COMPONENT = Component(
    name="discovery",
    plane="traffic",
    contract=Discovery,
    build=build,
    needs=(Clock, DiscoverySettings),
    settings=DiscoverySettings,
)
