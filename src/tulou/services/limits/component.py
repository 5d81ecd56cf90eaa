"""The limits service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.limits.api import Limits
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.allowances import SharedAllowances
from tulou.ports.database import Database
from tulou.services.limits.http import router
from tulou.services.limits.service import Authority, LimitsService
from tulou.services.limits.service.definitions import Definitions
from tulou.services.limits.service.warner import LimitWarner
from tulou.services.limits.service.watch import LimitWatch
from tulou.services.limits.settings import LimitsSettings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[LimitsService]:
    """Open the service, and look after what it counts while it is open."""
    database, clock, settings = provided[Database], provided[Clock], provided[LimitsSettings]
    shared = provided[SharedAllowances].allowances
    definitions, warner = Definitions(database), LimitWarner(provided[Outbox])
    await definitions.read()
    authority = Authority(database, definitions, warner, clock=clock, settings=settings)
    watch = LimitWatch(database, definitions, warner, clock=clock)
    if shared is None:
        await authority.open()

    async def sweep() -> None:
        await watch.look(shared)
        if shared is None:
            await authority.sweep()

    service = LimitsService(
        database,
        provided[Outbox],
        shared or authority,
        definitions=definitions,
        warner=warner,
        clock=clock,
        settings=settings,
    )
    async with asyncio.TaskGroup() as group:
        with as_house("limits forgets what is no longer counted"):
            sweeper = group.create_task(_sweep(sweep, settings.sweep_s))
        try:
            yield service
        finally:
            sweeper.cancel()


async def _sweep(sweep: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await sweep()
        except TulouError as error:  # the database may be away for a while; what was lent runs out meanwhile
            log.warning("limits_sweep_failed", error=str(error))


COMPONENT = Component(
    name="limits",
    plane="house",
    contract=Limits,
    build=build,
    changes={
        Limits.put_limit: changes("limits:write", "{name}"),
        Limits.delete_limit: changes("limits:write", "{name}"),
    },
    needs=(Database, Outbox, Clock, SharedAllowances, LimitsSettings),
    settings=LimitsSettings,
    migrations="tulou.services.limits.migrations",
    routes=router,
)
