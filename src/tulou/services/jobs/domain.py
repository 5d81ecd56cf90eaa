"""What may be enqueued, and what state an attempt's end leaves a job in."""

import re

from tulou.contracts.jobs.messages import EnqueueJob, FinishJob, Job, JobState
from tulou.kernel.context import Actor
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

ACTIVE: tuple[JobState, ...] = ("queued", "running")
FINISHED: tuple[JobState, ...] = ("succeeded", "failed", "cancelled")

TEXT_CAP = 48 * 1024
"""Bytes of JSON in a payload, a result or a step: what is larger belongs into the blob store."""

NOTE_CAP = 500
ERROR_CAP = 4_000
STEPS_CAP = 1_000
DEDUP_CAP = 200
ATTEMPTS_CAP = 100
LEASE_RANGE_S = (1.0, 3_600.0)
DEADLINE_CAP_S = 30 * 86_400.0

_KIND = re.compile(r"[a-z][a-z0-9_]{0,40}\.[a-z][a-z0-9_]{0,40}")


@message
class AttemptOutcome:
    """What follows from the end of an attempt; `retry_at` is set when the job waits for another."""

    state: JobState
    result: str = "null"
    error: str = ""
    retry_at: float | None = None


@message
class QueuedJob:
    """A job as the queue holds it: `lease` is the word of the attempt that has it, `due_at` when it may be taken.

    `actor` is who asked for it; None for jobs of older versions.
    """

    job: Job
    actor: Actor | None
    lease: str
    lease_s: float
    due_at: float
    deadline_at: float

    def overdue(self, now: float) -> bool:
        """Say whether the job's own deadline has passed."""
        return now >= self.deadline_at


def check_enqueue(request: EnqueueJob) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    if not _KIND.fullmatch(request.kind):
        raise InvalidError(f"kind {request.kind!r} is not of the form `<service>.<verb>`", param="kind")
    check_text("payload", request.payload)
    if len(request.dedup_key) > DEDUP_CAP:
        raise InvalidError(f"dedup_key is longer than {DEDUP_CAP} characters", param="dedup_key")
    if not 1 <= request.attempts <= ATTEMPTS_CAP:
        raise InvalidError(f"attempts is {request.attempts}; it may be 1 to {ATTEMPTS_CAP}", param="attempts")
    least, most = LEASE_RANGE_S
    if not least <= request.lease_s <= most:
        raise InvalidError(f"lease_s is {request.lease_s}; it may be {least:g} to {most:g}", param="lease_s")
    if not 0 < request.deadline_s <= DEADLINE_CAP_S:
        raise InvalidError(
            f"deadline_s is {request.deadline_s}; it may be up to {DEADLINE_CAP_S:g}", param="deadline_s"
        )


def check_text(name: str, value: str) -> None:
    """Raise `InvalidError` for JSON that is too large to be kept in a row."""
    size = len(value.encode())
    if size > TEXT_CAP:
        raise InvalidError(f"{name} has {size} bytes; at most {TEXT_CAP}, put more into a blob and name it", param=name)


def backoff_s(attempt: int, *, first_s: float, cap_s: float) -> float:
    """Return how long to wait after the given attempt, counted from 1."""
    return min(cap_s, first_s * 2.0 ** min(attempt - 1, 60))


def finished(held: QueuedJob, request: FinishJob, *, now: float, retry_in_s: float) -> AttemptOutcome:
    """Decide what an attempt's own word about its end means."""
    if not (request.error or request.cancelled or request.released):
        return AttemptOutcome(state="succeeded", result=request.result)
    if held.job.cancelling:
        return AttemptOutcome(state="cancelled", error=request.error)
    if held.overdue(now):
        return AttemptOutcome(state="failed", error=_overdue(held))
    return _unfinished(held, request, now=now, retry_in_s=retry_in_s)


def _unfinished(held: QueuedJob, request: FinishJob, *, now: float, retry_in_s: float) -> AttemptOutcome:
    if request.cancelled:
        return AttemptOutcome(state="cancelled", error=request.error)
    if request.released:
        return AttemptOutcome(state="queued", error=request.error, retry_at=now)
    if request.final or held.job.attempt >= held.job.attempts:
        return AttemptOutcome(state="failed", error=request.error)
    return AttemptOutcome(state="queued", error=request.error, retry_at=now + retry_in_s)


def abandoned(held: QueuedJob, *, now: float) -> AttemptOutcome | None:
    """Decide the end of a job that nobody holds any more; None when it should be tried (again)."""
    if held.job.cancelling:
        return AttemptOutcome(state="cancelled", error=held.job.error)
    if held.overdue(now):
        return AttemptOutcome(state="failed", error=_overdue(held))
    if held.job.state == "running" and held.job.attempt >= held.job.attempts:
        return AttemptOutcome(state="failed", error=f"its runner went away in attempt {held.job.attempt}, the last one")
    return None


def _overdue(held: QueuedJob) -> str:
    allowed = held.deadline_at - held.job.created_at
    last = f"; last error: {held.job.error}" if held.job.error else ""
    began = "no runner took it" if held.job.attempt == 0 else f"attempt {held.job.attempt} had begun"
    return f"the job's deadline of {allowed:g} s passed; {began}{last}"
