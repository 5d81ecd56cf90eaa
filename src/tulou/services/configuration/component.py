"""The configuration service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import structlog

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.provided import Provided
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.contracts.limits.api import Limits
from tulou.contracts.metering.api import Metering
from tulou.contracts.routing.api import Routing
from tulou.contracts.serving.api import Serving
from tulou.contracts.upstreams.api import Upstreams
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database
from tulou.services.configuration.http import router
from tulou.services.configuration.resources import Owners
from tulou.services.configuration.service import ConfigurationService
from tulou.services.configuration.settings import ConfigurationSettings

AGAIN_S = 2.0
BEGIN_S = 10.0
"""So long the house waits for its state to be recorded before it opens."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[ConfigurationService]:
    """Open the service; while it is open, it records what is changed otherwise.

    It is not open before it was tried to record how the house is at the start, or else who comes first would be
    nobody: a change that is made before that is part of it.
    """
    owners = Owners(
        identity=provided[Identity],
        governance=provided[Governance],
        limits=provided[Limits],
        metering=provided[Metering],
        upstreams=provided[Upstreams],
        serving=provided[Serving],
        routing=provided[Routing],
    )
    settings = provided[ConfigurationSettings]
    service = ConfigurationService(provided[Database], owners, clock=provided[Clock], settings=settings)
    async with asyncio.TaskGroup() as group:
        with as_house("configuration keeps revisions"):
            keeping = group.create_task(_keep(service))
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(BEGIN_S):
                    await service.noting.begun.wait()
            yield service
        finally:
            await service.close()
            keeping.cancel()


async def _keep(service: ConfigurationService) -> None:
    while True:
        try:
            await service.recover()
        except TulouError as error:  # whoever died holds the turn for a while; services may be away
            log.warning("configuration_not_recovered", error=str(error))
            service.noting.begun.set()
            await asyncio.sleep(AGAIN_S)
        else:
            break
    await service.noting.run()


COMPONENT = Component(
    name="configuration",
    plane="house",
    contract=Configuration,
    build=build,
    changes={
        Configuration.apply: changes("configuration:write", "apply"),
        Configuration.rollback: changes("configuration:write", "rollback"),
    },
    needs=(
        Identity,
        Governance,
        Limits,
        Metering,
        Upstreams,
        Serving,
        Routing,
        Database,
        Clock,
        ConfigurationSettings,
    ),
    settings=ConfigurationSettings,
    migrations="tulou.services.configuration.migrations",
    routes=router,
)
