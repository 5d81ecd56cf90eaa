"""The training service as assembly sees it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.job_folders import JobFolders
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.events import JOB_FINISHED
from tulou.contracts.registry.api import Registry
from tulou.contracts.training.api import Training
from tulou.kernel.clock import Clock
from tulou.ports.blobs import Blobs
from tulou.ports.converter import Converter
from tulou.ports.database import Database
from tulou.ports.trainer import Trainer
from tulou.services.training.builder import ModelBuilder
from tulou.services.training.handlers import TrainingHandlers
from tulou.services.training.http import router
from tulou.services.training.publishing import ModelPublisher
from tulou.services.training.service import TRAIN_JOB, TrainingService
from tulou.services.training.settings import TrainingSettings


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[TrainingService]:
    """Open the service; what killed trainings left behind is cleared away meanwhile."""
    settings = provided[TrainingSettings]
    folders = JobFolders(provided[House].cache / "trainings")
    kitchen = ModelBuilder(provided[Trainer], provided[Converter], threads=settings.threads)
    service = TrainingService(
        provided[Database],
        provided[Outbox],
        jobs=provided[Jobs],
        clock=provided[Clock],
        maker=ModelPublisher(kitchen, folders, blobs=provided[Blobs], registry=provided[Registry]),
        settings=settings,
    )
    async with folders.clearing(provided[Jobs], service="training"):
        yield service


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
    jobs={TRAIN_JOB: TrainingHandlers.train},
    topics={JOB_FINISHED: TrainingHandlers.job_finished},
)
