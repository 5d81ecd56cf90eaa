"""The training service as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.events import JOB_FINISHED
from tulou.contracts.jobs.messages import NameJob
from tulou.contracts.registry.api import Registry
from tulou.contracts.training.api import Training
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.kernel.errors import NotFoundError, TulouError
from tulou.ports.blobs import Blobs
from tulou.ports.converter import Converter
from tulou.ports.database import Database
from tulou.ports.trainer import Trainer
from tulou.services.training.handlers import TrainingHandlers
from tulou.services.training.http import router
from tulou.services.training.kitchen import Kitchen
from tulou.services.training.making import Maker
from tulou.services.training.service import TRAIN_JOB, TrainingService
from tulou.services.training.settings import TrainingSettings
from tulou.services.training.workplace import Workplace

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[TrainingService]:
    """Open the service; what killed trainings left behind is cleared away meanwhile."""
    settings = provided[TrainingSettings]
    workplace = Workplace(provided[House].cache / "trainings")
    kitchen = Kitchen(provided[Trainer], provided[Converter], threads=settings.threads)
    service = TrainingService(
        provided[Database],
        provided[Outbox],
        jobs=provided[Jobs],
        clock=provided[Clock],
        maker=Maker(kitchen, workplace, blobs=provided[Blobs], registry=provided[Registry]),
        settings=settings,
    )
    async with asyncio.TaskGroup() as group:
        with as_house("training clears its folder"):
            clearing = group.create_task(_clear(workplace, provided[Jobs]))
        try:
            yield service
        finally:
            clearing.cancel()


async def _clear(workplace: Workplace, jobs: Jobs) -> None:
    """Remove the folders of trainings that will not be tried again."""
    for job in await workplace.leftovers():
        try:
            gone = (await jobs.job(NameJob(id=job))).finished_at is not None
        except NotFoundError:
            gone = True
        except TulouError as error:  # the queue is not up yet; the next start clears
            log.warning("training_leftovers_kept", error=str(error))
            return
        if gone:
            await workplace.remove(job)


COMPONENT = Component(
    name="training",
    plane="life cycle",
    contract=Training,
    build=build,
    changes={
        Training.start: changes("training:write", "runs"),
        Training.cancel: changes("training:write", "runs/{id}/cancel"),
    },
    needs=(Database, Outbox, Blobs, Clock, Jobs, Registry, Trainer, Converter, House, TrainingSettings),
    settings=TrainingSettings,
    migrations="tulou.services.training.migrations",
    routes=router,
    handlers=TrainingHandlers,
    jobs={TRAIN_JOB: "train"},
    topics={JOB_FINISHED: "job_finished"},
)
