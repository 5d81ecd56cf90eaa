"""How observability is put together."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.provided import Provided
from tulou.contracts.observability.api import Observability
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.services.observability.http import router
from tulou.services.observability.service import ObservabilityService
from tulou.services.observability.settings import ObservabilitySettings
from tulou.services.observability.sweeping import sweep_forever


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[ObservabilityService]:
    """Make the service, and keep the log folder small while it is open."""
    house, clock, settings = provided[House], provided[Clock], provided[ObservabilitySettings]
    async with asyncio.TaskGroup() as tasks:
        with as_house("observability keeps the logs small"):
            sweeping = tasks.create_task(sweep_forever(house.log, settings))
        yield ObservabilityService(house=house, clock=clock, settings=settings)
        sweeping.cancel()


COMPONENT = Component(
    name="observability",
    plane="house",
    contract=Observability,
    build=build,
    needs=(House, Clock),
    settings=ObservabilitySettings,
    routes=router,
)
