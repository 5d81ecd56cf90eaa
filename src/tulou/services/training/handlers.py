"""Training's jobs, and its reaction to their ends."""

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.contracts.jobs.events import JobFinished
from tulou.kernel.message import message
from tulou.ports.events import Fact
from tulou.services.training.service import TRAIN_JOB, TrainingService


@message
class PublishedRun:
    """The result of a training."""

    model: str
    version: int
    digest: str


class TrainingHandlers:
    """What training does when the queue says so."""

    def __init__(self, service: TrainingService) -> None:
        self._service = service

    async def train(self, run: JobRun) -> str:
        """Do a run; return which version it made."""
        version = await self._service.train(run)
        published = PublishedRun(model=version.model, version=version.number, digest=version.digest)
        return msgspec.json.encode(published).decode()

    async def job_finished(self, fact: Fact) -> None:
        """Bring a run to its end when its job has come to one."""
        finished = msgspec.json.decode(fact.body, type=JobFinished)
        if finished.kind == TRAIN_JOB:
            await self._service.settle(finished.job)
