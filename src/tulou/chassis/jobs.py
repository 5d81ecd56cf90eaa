"""What a handler of jobs is given: the job, and the means to tell how it goes."""

from typing import Protocol

from tulou.contracts.jobs.messages import Job


class JobRun(Protocol):
    """One attempt at a job. A handler that is cancelled must leave nothing half done."""

    job: Job

    def progress(self, share: float, note: str = "") -> None:
        """Say how far the work is, from 0 to 1, and what it is at; told to the queue with the next renewal."""
        ...

    def step(self, name: str) -> str | None:
        """Return the JSON recorded for a step by an earlier attempt, or None."""
        ...

    async def record(self, name: str, value: str = "null") -> None:
        """Keep a finished step, so that a later attempt does not do it again."""
        ...
