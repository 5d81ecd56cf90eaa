"""What the batches service does when the queue says so, and when it gives up."""

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.contracts.jobs.events import JobFinished
from tulou.ports.events import Fact
from tulou.services.batches.service import RUN_JOB, BatchesService


class BatchesHandlers:
    """Runs batches, and ends those whose job has failed for good."""

    def __init__(self, service: BatchesService) -> None:
        self._service = service

    async def run(self, run: JobRun) -> str:
        """Bring a batch to its end."""
        return msgspec.json.encode({"batch": await self._service.work_on(run)}).decode()

    async def on_job_finished(self, fact: Fact) -> None:
        """End the batch of a job that was given up."""
        finished = msgspec.json.decode(fact.body, type=JobFinished)
        if finished.kind == RUN_JOB and finished.state != "succeeded":
            await self._service.give_up(finished.job)
