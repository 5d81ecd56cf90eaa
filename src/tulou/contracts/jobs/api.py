"""Jobs: durable work, done at least once, with recorded steps."""

from typing import Protocol

from tulou.contracts.jobs.messages import (
    EnqueueJob,
    FinishJob,
    Job,
    JobPage,
    LeasedJob,
    LeaseJob,
    ListJobs,
    NameJob,
    RecordStep,
    Renewed,
    RenewLease,
)
from tulou.kernel.message import Done


class Jobs(Protocol):
    """The queue of durable work."""

    async def enqueue(self, request: EnqueueJob) -> Job:
        """Put work into the queue; when this returns, it will be tried."""
        ...

    async def job(self, request: NameJob) -> Job:
        """Return a job; raise `NotFoundError` for an unknown id."""
        ...

    async def jobs(self, request: ListJobs) -> JobPage:
        """Return a page of jobs."""
        ...

    async def cancel(self, request: NameJob) -> Job:
        """End a queued job, or ask a running one to stop; a finished one stays as it is."""
        ...

    async def lease(self, request: LeaseJob) -> LeasedJob:
        """Hand the oldest fitting job to a runner; each job goes to one runner at a time."""
        ...

    async def renew(self, request: RenewLease) -> Renewed:
        """Go on; raise `ConflictError` when the lease has been lost to another attempt."""
        ...

    async def record_step(self, request: RecordStep) -> Done:
        """Keep a finished step for later attempts; raise `ConflictError` when the lease has been lost."""
        ...

    async def finish(self, request: FinishJob) -> Done:
        """End an attempt; raise `ConflictError` when the lease has been lost."""
        ...
