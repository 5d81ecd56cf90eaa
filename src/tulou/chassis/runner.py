"""Runs the jobs that this process has handlers for: leases them, keeps the leases, tells how they end.

A handler is cancelled when its job is, when its lease is lost to another runner, and when this process ends; in the
last case the job goes back to the queue and the attempt does not count.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import structlog
from msgspec import UnsetType

from tulou.chassis.actors import report_missing
from tulou.chassis.jobs import JobRun
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import FinishJob, Job, LeasedJob, LeaseJob, RecordStep, RenewLease
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.context import AnonymousActor, Context, acting, as_house
from tulou.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooLargeError,
    TulouError,
    UnauthenticatedError,
)

Handler = Callable[[JobRun], Awaitable[str]]
Ending = Literal["", "cancelled", "lost", "released"]
"""Why an attempt is stopped from outside: its job was cancelled, its lease taken, or its runner goes away."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

FINAL_ERRORS = (InvalidError, UnauthenticatedError, ForbiddenError, NotFoundError, ConflictError, TooLargeError)
"""Trying again changes nothing about these; every other error is another attempt's business."""

NOBODY_ASKED = "nobody is known to have asked for this job: an older version enqueued it; ask for it again"
OLDER_QUEUE = "the process that has the queue is of an older version, which does not say who asked; restart it as well"

RENEW_EVERY_S = 2.0
"""The longest a runner goes without telling progress, and so without hearing of a cancellation."""

ASK_AGAIN_S = 1.0
HANDLER_GRACE_S = 20.0
WORD_TIMEOUT_S = 10.0


class LeasedRun:
    """One attempt at a job; implements `chassis.jobs.JobRun`."""

    def __init__(self, jobs: Jobs, job: Job, leased: LeasedJob) -> None:
        self.job = job
        self.actor = leased.actor
        self.asker = None if isinstance(leased.actor, UnsetType) else leased.actor
        self.lease = leased.lease
        self.lease_s = leased.lease_s
        self.share = job.progress
        self.note = job.note
        self.ending: Ending = ""
        self._jobs = jobs
        self._steps = dict(leased.steps)

    def progress(self, share: float, note: str = "") -> None:
        """Say how far the work is; the queue hears of it with the next renewal."""
        self.share, self.note = share, note

    def step(self, name: str) -> str | None:
        """Return the JSON recorded for a step by an earlier attempt, or None."""
        return self._steps.get(name)

    async def record(self, name: str, value: str = "null") -> None:
        """Keep a finished step, so that a later attempt does not do it again."""
        await self._jobs.record_step(RecordStep(id=self.job.id, lease=self.lease, step=name, value=value))
        self._steps[name] = value


class JobRunner:
    """Runs at most `slots` jobs at once, of the kinds it has handlers for."""

    def __init__(
        self, jobs: Jobs, handlers: Mapping[str, Handler], *, name: str, slots: int = 2, clock: Clock | None = None
    ) -> None:
        self._jobs = jobs
        self._handlers = handlers
        self._name = name
        self._free = asyncio.Semaphore(slots)
        self._clock = clock or SystemClock()

    async def run(self) -> None:
        """Work until cancelled; then every job in hand is given back before this returns."""
        if not self._handlers:
            return
        async with asyncio.TaskGroup() as group:
            while True:
                await self._free.acquire()
                group.create_task(self._attempt(await self._ask()))

    async def _ask(self) -> LeasedRun:
        """Return a leased job; the queue itself waits for one, so only failures and quick answers need a pause."""
        while True:
            began = self._clock.monotonic()
            try:
                leased = await self._jobs.lease(LeaseJob(runner=self._name, kinds=tuple(self._handlers)))
            except TulouError as error:
                log.warning("job_lease_failed", runner=self._name, error=str(error))
            else:
                if leased.job:
                    return LeasedRun(self._jobs, leased.job, leased)
            if self._clock.monotonic() - began < ASK_AGAIN_S:
                await asyncio.sleep(ASK_AGAIN_S)

    async def _attempt(self, run: LeasedRun) -> None:
        asked = Context(actor=run.asker or AnonymousActor(), request_id=run.job.id)
        with acting(asked), as_house(f"job {run.job.kind}"):
            await self._attempt_as_house(run)

    async def _attempt_as_house(self, run: LeasedRun) -> None:
        began = self._clock.monotonic()
        log.info("job_started", job=run.job.id, kind=run.job.kind, attempt=run.job.attempt)
        try:
            word = await self._work(run)
            took_ms = round((self._clock.monotonic() - began) * 1000)
            log.info("job_attempt_ended", job=run.job.id, kind=run.job.kind, error=word.error, took_ms=took_ms)
            await self._tell(run, word)
            if word.released:
                await asyncio.sleep(ASK_AGAIN_S)  # or it would come again at once, round and round
        except Exception:  # one attempt must not end the runner; its lease runs out and the queue tries again
            log.exception("job_attempt_broke", job=run.job.id, kind=run.job.kind)
        finally:
            self._free.release()

    async def _work(self, run: LeasedRun) -> FinishJob:
        """Run the handler under a kept lease; return what to tell the queue about its end.

        A job that nobody is known to have asked for is not run: it was enqueued by an older version, or past its queue.
        Of a queue of the version before actors that is not known: its jobs are given back until a newer one is there.
        """
        if isinstance(run.actor, UnsetType):
            log.warning("job_given_back", job=run.job.id, kind=run.job.kind, error=OLDER_QUEUE)
            return FinishJob(id=run.job.id, lease=run.lease, released=True)
        if run.asker is None or isinstance(run.asker, AnonymousActor):
            report_missing("job", run.job.kind, job=run.job.id, created_by=run.job.created_by)
            return FinishJob(id=run.job.id, lease=run.lease, error=NOBODY_ASKED, final=True)
        work = asyncio.ensure_future(self._handlers[run.job.kind](run))
        keeper = asyncio.create_task(self._keep(run))
        try:
            await asyncio.wait({work, keeper}, return_when=asyncio.FIRST_COMPLETED)
            await _end(work, run)
        except asyncio.CancelledError:
            run.ending = run.ending or "released"
            await _end(work, run)
            await asyncio.shield(self._tell(run, _word(run, work)))
            raise
        finally:
            keeper.cancel()
        return _word(run, work)

    async def _keep(self, run: LeasedRun) -> None:
        """Renew the lease; return once the work must not go on."""
        holds_until = self._clock.monotonic() + run.lease_s
        while not run.ending:
            await asyncio.sleep(min(run.lease_s / 3, RENEW_EVERY_S))
            asked_at = self._clock.monotonic()
            try:
                run.ending = await self._renew(run)
                holds_until = asked_at + run.lease_s
            except TulouError as error:
                log.warning("job_renewal_failed", job=run.job.id, error=str(error))
                run.ending = "lost" if asked_at >= holds_until else ""
        log.info("job_stopped", job=run.job.id, why=run.ending)

    async def _renew(self, run: LeasedRun) -> Ending:
        request = RenewLease(id=run.job.id, lease=run.lease, progress=run.share, note=run.note)
        try:
            return "cancelled" if (await self._jobs.renew(request)).cancelling else ""
        except (ConflictError, NotFoundError):
            return "lost"

    async def _tell(self, run: LeasedRun, word: FinishJob) -> None:
        """Say how the attempt ended; if nobody can hear it, the lease runs out and another attempt begins."""
        if run.ending == "lost":
            return
        give_up = self._clock.monotonic() + WORD_TIMEOUT_S
        while True:
            try:
                await self._jobs.finish(word)
            except (ConflictError, NotFoundError):
                log.warning("job_lease_lost", job=run.job.id)
            except TulouError as error:
                log.warning("job_finish_failed", job=run.job.id, error=str(error))
                if self._clock.monotonic() < give_up:
                    await asyncio.sleep(ASK_AGAIN_S)
                    continue
            return


async def _end(work: asyncio.Future[str], run: LeasedRun) -> None:
    """Cancel work that is not done and wait for it; one that does not heed is left behind, and said so."""
    if work.done():
        return
    work.cancel()
    await asyncio.wait({work}, timeout=HANDLER_GRACE_S)
    if not work.done():
        log.error("job_handler_ignored_cancellation", job=run.job.id, kind=run.job.kind)


def _word(run: LeasedRun, work: asyncio.Future[str]) -> FinishJob:
    """Put the end of the work into words for the queue."""
    job, lease = run.job.id, run.lease
    if not work.done() or work.cancelled():
        cancelled, released = run.ending == "cancelled", run.ending == "released"
        error = "" if cancelled or released else "the handler stopped of itself, without a result"
        return FinishJob(id=job, lease=lease, cancelled=cancelled, released=released, error=error)
    match work.exception():
        case None:
            return FinishJob(id=job, lease=lease, result=work.result())
        case TulouError() as error:
            return FinishJob(id=job, lease=lease, error=str(error), final=isinstance(error, FINAL_ERRORS))
        case error:
            log.error("job_handler_failed", job=job, kind=run.job.kind, exc_info=error)
            return FinishJob(id=job, lease=lease, error=f"{type(error).__name__}: {error}")
