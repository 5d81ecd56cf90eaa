"""The responses service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.component import Component
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.events import JOB_FINISHED
from tulou.contracts.responses.api import Responses
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database
from tulou.ports.gate import Gate
from tulou.services.responses.handlers import ResponsesHandlers
from tulou.services.responses.service import RUN_JOB, ResponsesService
from tulou.services.responses.settings import ResponsesSettings

SLOTS = 8
"""Responses that are made in the background at once; more wait in the queue."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[ResponsesService]:
    """Open the responses, and sweep them while they are open."""
    settings = provided[ResponsesSettings]
    service = ResponsesService(
        provided[Database], provided[Jobs], provided[Gate], clock=provided[Clock], settings=settings
    )
    async with asyncio.TaskGroup() as group:
        with as_house("responses removes what has expired"):
            sweeper = group.create_task(_sweep(service, settings.sweep_s))
        try:
            yield service
        finally:
            sweeper.cancel()


async def _sweep(service: ResponsesService, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await service.sweep()
        except TulouError as error:  # the database may be away for a while
            log.warning("responses_sweep_failed", error=str(error))


COMPONENT = Component(
    name="responses",
    plane="traffic",
    contract=Responses,
    build=build,
    needs=(Database, Jobs, Gate, Clock, ResponsesSettings),
    settings=ResponsesSettings,
    migrations="tulou.services.responses.migrations",
    handlers=ResponsesHandlers,
    jobs={RUN_JOB: ResponsesHandlers.run},
    job_slots=SLOTS,
    topics={JOB_FINISHED: ResponsesHandlers.on_job_finished},
)
