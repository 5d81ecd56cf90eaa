"""Jobs over REST: look at them, cancel them."""

from fastapi import APIRouter
from starlette.requests import Request

from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.notes import note_made
from tulou.chassis.rest.paging import PageLimit
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import Job, JobPage, JobState, ListJobs, NameJob


def router(jobs: Jobs) -> APIRouter:
    """Return the routes under `/api/v1/jobs`."""
    routes = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

    @routes.get("", openapi_extra=permits("jobs:read", "job"))
    async def list_jobs(
        limit: PageLimit = 50,
        after: str = "",
        kind: str = "",
        state: JobState | None = None,
    ) -> JobPage:
        """Return a page of jobs, newest first."""
        return await jobs.jobs(ListJobs(limit=limit, after=after, kind=kind, state=state))

    @routes.get("/{job_id}", openapi_extra=permits("jobs:read", "job", "{job_id}"))
    async def get_job(job_id: str) -> Job:
        """Return a job."""
        return await jobs.job(NameJob(id=job_id))

    @routes.post("/{job_id}/cancel", openapi_extra=permits("jobs:write", "job", "{job_id}/cancel"))
    async def cancel_job(request: Request, job_id: str) -> Job:
        """End a queued job, or ask a running one to stop."""
        job = await jobs.cancel(NameJob(id=job_id))
        note_made(request, job.id)
        return job

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (list_jobs, get_job, cancel_job)
    return routes
