"""The jobs service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.component import Component
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database
from tulou.services.jobs.http import router
from tulou.services.jobs.service import JobsService
from tulou.services.jobs.settings import JobsSettings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[JobsService]:
    """Open the queue, and sweep it while it is open."""
    settings = provided[JobsSettings]
    service = JobsService(provided[Database], provided[Outbox], clock=provided[Clock], settings=settings)
    async with asyncio.TaskGroup() as group:
        with as_house("jobs ends what nobody will do"):
            sweeper = group.create_task(_sweep(service, settings.sweep_s))
        try:
            yield service
        finally:
            sweeper.cancel()


async def _sweep(service: JobsService, every_s: float) -> None:
    while True:
        try:
            await service.sweep()
        except TulouError as error:  # the database may be away for a while; the queue outlives that
            log.warning("jobs_sweep_failed", error=str(error))
        await asyncio.sleep(every_s)


COMPONENT = Component(
    name="jobs",
    plane="house",
    contract=Jobs,
    build=build,
    needs=(Database, Outbox, Clock, JobsSettings),
    settings=JobsSettings,
    migrations="tulou.services.jobs.migrations",
    routes=router,
)
