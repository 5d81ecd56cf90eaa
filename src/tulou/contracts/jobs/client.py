"""Jobs, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.jobs.api import CANCEL, ENQUEUE, FINISH, JOB, JOBS, LEASE, RECORD_STEP, RENEW
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
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done


@dataclass(frozen=True, slots=True)
class JobsClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def enqueue(self, request: EnqueueJob) -> Job:
        """Put work into the queue; when this returns, it will be tried."""
        return await self.transport.call(ENQUEUE, request)

    async def job(self, request: NameJob) -> Job:
        """Return a job; raise `NotFoundError` for an unknown id."""
        return await self.transport.call(JOB, request)

    async def jobs(self, request: ListJobs) -> JobPage:
        """Return a page of jobs."""
        return await self.transport.call(JOBS, request)

    async def cancel(self, request: NameJob) -> Job:
        """End a queued job, or ask a running one to stop; a finished one stays as it is."""
        return await self.transport.call(CANCEL, request)

    async def lease(self, request: LeaseJob) -> LeasedJob:
        """Hand the oldest fitting job to a runner; each job goes to one runner at a time."""
        return await self.transport.call(LEASE, request)

    async def renew(self, request: RenewLease) -> Renewed:
        """Go on; raise `ConflictError` when the lease has been lost to another attempt."""
        return await self.transport.call(RENEW, request)

    async def record_step(self, request: RecordStep) -> Done:
        """Keep a finished step for later attempts; raise `ConflictError` when the lease has been lost."""
        return await self.transport.call(RECORD_STEP, request)

    async def finish(self, request: FinishJob) -> Done:
        """End an attempt; raise `ConflictError` when the lease has been lost."""
        return await self.transport.call(FINISH, request)
