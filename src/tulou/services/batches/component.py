"""The batches service as assembly sees it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.component import Component
from tulou.chassis.provided import Provided
from tulou.contracts.batches.api import Batches
from tulou.contracts.files.api import Files
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.events import JOB_FINISHED
from tulou.kernel.clock import Clock
from tulou.ports.database import Database
from tulou.ports.gate import Gate
from tulou.services.batches.handlers import BatchesHandlers
from tulou.services.batches.http import router
from tulou.services.batches.runner import BatchRunner
from tulou.services.batches.service import RUN_JOB, BatchesService
from tulou.services.batches.settings import BatchesSettings

SLOTS = 4
"""Batches that are worked on at once; more wait in the queue."""


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[BatchesService]:
    """Open the batches."""
    database, files, clock = provided[Database], provided[Files], provided[Clock]
    settings = provided[BatchesSettings]
    work = BatchRunner(database, files, provided[Gate], clock=clock, settings=settings)
    yield BatchesService(database, files, provided[Jobs], work, clock=clock, settings=settings)


COMPONENT = Component(
    name="batches",
    plane="traffic",
    contract=Batches,
    build=build,
    needs=(Database, Files, Jobs, Gate, Clock, BatchesSettings),
    settings=BatchesSettings,
    migrations="tulou.services.batches.migrations",
    inference_routes=router,
    handlers=BatchesHandlers,
    jobs={RUN_JOB: BatchesHandlers.run},
    job_slots=SLOTS,
    topics={JOB_FINISHED: BatchesHandlers.on_job_finished},
)
