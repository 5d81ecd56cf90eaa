"""What the responses service does when the queue says so, and when it gives up."""

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.contracts.jobs.events import JobFinished
from tulou.ports.events import Fact
from tulou.services.responses.service import RUN_JOB, ResponsesService


class ResponsesHandlers:
    """Makes responses in the background, and ends those whose job has failed for good."""

    def __init__(self, service: ResponsesService) -> None:
        self._service = service

    async def run(self, run: JobRun) -> str:
        """Make a response."""
        return msgspec.json.encode({"response": await self._service.work_on(run)}).decode()

    async def on_job_finished(self, fact: Fact) -> None:
        """End the response of a job that was given up."""
        finished = msgspec.json.decode(fact.body, type=JobFinished)
        if finished.kind == RUN_JOB and finished.state != "succeeded":
            await self._service.give_up(finished.job)
