"""Facts of jobs."""

from tulou.kernel.message import message

JOB_FINISHED = "jobs.job_finished"


@message
class JobFinished:
    """A job came to its end, whichever."""

    job: str
    kind: str
    state: str
