"""The use cases of the jobs service."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tulou.chassis.actors import check_actor
from tulou.chassis.outbox import Outbox
from tulou.chassis.paging import check_limit, page_of
from tulou.contracts.jobs.events import JOB_FINISHED, JobFinished
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
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT, Actor
from tulou.kernel.errors import ConflictError, LimitedError, NotFoundError
from tulou.kernel.ids import new_id
from tulou.kernel.message import Done
from tulou.ports.database import Database, Transaction
from tulou.services.jobs import domain, store
from tulou.services.jobs.domain import FINISHED, AttemptOutcome, QueuedJob
from tulou.services.jobs.notifier import WorkNotifier
from tulou.services.jobs.settings import JobsSettings

_LOOK_AT_ONCE = 16
"""Candidates read for one claim: more than one, so that runners who race for the same job each find another."""


class JobsService:
    """The queue, kept in the database; implements `contracts.jobs.Jobs`."""

    def __init__(self, database: Database, outbox: Outbox, *, clock: Clock, settings: JobsSettings) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._bell = WorkNotifier()

    async def enqueue(self, request: EnqueueJob) -> Job:
        """Put work into the queue; when this returns, it will be tried, in the name of who asks.

        Raise `ForbiddenError` where nobody is known to ask.
        """
        actor = check_actor("enqueue", request.kind)
        domain.check_enqueue(request)
        key = f"{request.kind}:{request.dedup_key}" if request.dedup_key else None
        held = self._new(request, actor)
        try:
            async with self._database.transaction() as tx:
                await self._check_room(tx)
                await store.add(tx, held, active_key=key)
        except ConflictError:
            return await self._twin(request, key)
        self._bell.ring()
        return held.job

    async def job(self, request: NameJob) -> Job:
        """Return a job; raise `NotFoundError` for an unknown id."""
        async with self._database.reading() as tx:
            return (await _get(tx, request.id)).job

    async def jobs(self, request: ListJobs) -> JobPage:
        """Return a page of jobs."""
        check_limit(request.limit)
        async with self._database.reading() as tx:
            found = await store.page(tx, request)
        page = page_of(found, request.limit, lambda job: job.id)
        return JobPage(items=page.items, next=page.next)

    async def cancel(self, request: NameJob) -> Job:
        """End a queued job, or ask a running one to stop; a finished one stays as it is."""
        async with self._database.transaction() as tx:
            held = await _held(tx, request.id)
            if held.job.state == "queued":
                await self._settle(tx, held, AttemptOutcome(state="cancelled", error=held.job.error))
            elif held.job.state == "running":
                await store.change(tx, held, {"cancelling": True})
            return (await _get(tx, request.id)).job

    async def lease(self, request: LeaseJob) -> LeasedJob:
        """Hand the oldest fitting job to a runner; wait a while for one. What a cancelled caller got goes back."""
        give_up = self._clock.monotonic() + self._settings.wait_s
        while True:
            ear = self._bell.listen()
            leased = await self._claim_whole(request)
            left = give_up - self._clock.monotonic()
            if leased.job or left <= 0:
                return leased
            await ear.wait(min(left, await self._until_due(request.kinds)))

    async def renew(self, request: RenewLease) -> Renewed:
        """Go on; raise `ConflictError` when the lease has been lost to another attempt."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            held = await _leased(tx, request.id, request.lease)
            progress = min(max(request.progress, 0.0), 1.0)
            note = request.note[: domain.NOTE_CAP]
            await store.change(tx, held, {"due_at": now + held.lease_s, "progress": progress, "note": note})
            return Renewed(cancelling=held.job.cancelling or held.overdue(now))

    async def record_step(self, request: RecordStep) -> Done:
        """Keep a finished step for later attempts; raise `ConflictError` when the lease has been lost."""
        domain.check_text("value", request.value)
        async with self._database.transaction() as tx:
            held = await _leased(tx, request.id, request.lease)
            if await store.count_steps(tx, request.id) >= domain.STEPS_CAP:
                raise LimitedError(f"job {request.id} has recorded {domain.STEPS_CAP} steps; split it into more jobs")
            await store.put_step(tx, held.job.id, request.step, request.value)
        return Done()

    async def finish(self, request: FinishJob) -> Done:
        """End an attempt; raise `ConflictError` when the lease has been lost. Saying it twice is no error."""
        domain.check_text("result", request.result)
        async with self._database.transaction() as tx:
            held = await _held(tx, request.id)
            if held.lease == request.lease and held.job.state in FINISHED:
                return Done()
            _check_lease(held, request.lease)
            outcome = domain.finished(held, request, now=self._clock.now(), retry_in_s=self._backoff_s(held))
            await self._settle(tx, held, outcome, counts=not request.released)
        self._bell.ring()
        return Done()

    async def sweep(self) -> None:
        """End what nobody will do any more, and forget what ended long ago."""
        now = self._clock.now()
        async with self._database.reading() as tx:
            hopeless = await store.hopeless(tx, now=now, limit=500)
            before = now - self._settings.keep_s
            old = await store.forgettable(tx, before=before, keep=self._settings.keep_finished, limit=500)
        for held in hopeless:
            async with self._database.transaction() as tx:
                await self._settle(tx, held, domain.abandoned(held, now=now))
        if old:
            async with self._database.transaction() as tx:
                await store.forget(tx, old)

    def _new(self, request: EnqueueJob, actor: Actor) -> QueuedJob:
        now = self._clock.now()
        job = Job(
            id=new_id("job"),
            kind=request.kind,
            payload=request.payload,
            state="queued",
            attempt=0,
            attempts=request.attempts,
            progress=0.0,
            note="",
            result="null",
            error="",
            created_at=now,
            started_at=None,
            finished_at=None,
            created_by=CONTEXT.get().author,
        )
        return QueuedJob(
            job=job,
            actor=actor,
            lease="",
            lease_s=request.lease_s,
            due_at=now,
            deadline_at=now + request.deadline_s,
        )

    async def _check_room(self, tx: Transaction) -> None:
        if await store.count_active(tx) >= self._settings.max_active:
            most = self._settings.max_active
            raise LimitedError(f"{most} jobs wait or run already ([jobs] max_active); cancel some, or try later")

    async def _twin(self, request: EnqueueJob, key: str | None) -> Job:
        """Return the job whose dedup key stood in the way; it may just have ended, then this one is new after all."""
        async with self._database.reading() as tx:
            twin = await store.find_active(tx, key) if key else None
        return twin or await self.enqueue(request)

    async def _claim_whole(self, request: LeaseJob) -> LeasedJob:
        claim = asyncio.ensure_future(self._claim(request))
        try:
            return await asyncio.shield(claim)
        except asyncio.CancelledError:
            leased = await claim
            if leased.job:
                await self.finish(FinishJob(id=leased.job.id, lease=leased.lease, released=True))
            raise

    async def _claim(self, request: LeaseJob) -> LeasedJob:
        now = self._clock.now()
        async with self._database.reading() as tx:
            candidates = await store.due(tx, request.kinds, now=now, limit=_LOOK_AT_ONCE)
        for held in candidates:
            async with self._database.transaction() as tx:
                if outcome := domain.abandoned(held, now=now):
                    await self._settle(tx, held, outcome)
                elif leased := await self._take(tx, held, request.runner):
                    return leased
        return LeasedJob(job=None)

    async def _take(self, tx: Transaction, held: QueuedJob, runner: str) -> LeasedJob | None:
        now, lease = self._clock.now(), new_id("lease")
        values: dict[str, Any] = {
            "state": "running",
            "attempt": held.job.attempt + 1,
            "started_at": held.job.started_at or now,
            "runner": runner[:128],
            "lease": lease,
            "due_at": now + held.lease_s,
        }
        if not await store.change(tx, held, values):
            return None
        taken = await _get(tx, held.job.id)
        steps = await store.steps(tx, held.job.id)
        return LeasedJob(job=taken.job, lease=lease, steps=steps, lease_s=held.lease_s, actor=taken.actor)

    async def _settle(
        self, tx: Transaction, held: QueuedJob, outcome: AttemptOutcome | None, *, counts: bool = True
    ) -> None:
        """Write the end of an attempt; a job that ends for good is a fact."""
        if outcome is None:
            return
        values: dict[str, Any] = {"state": outcome.state, "error": outcome.error[: domain.ERROR_CAP]}
        if outcome.retry_at is not None:
            attempt = held.job.attempt if counts else held.job.attempt - 1
            await store.change(tx, held, values | {"lease": "", "due_at": outcome.retry_at, "attempt": attempt})
            return
        values |= {"result": outcome.result, "finished_at": self._clock.now(), "active_key": None}
        if outcome.state == "succeeded":
            values |= {"progress": 1.0}
        if await store.change(tx, held, values):
            fact = JobFinished(job=held.job.id, kind=held.job.kind, state=outcome.state)
            await self._outbox.add(tx, JOB_FINISHED, fact)

    async def _until_due(self, kinds: Sequence[str]) -> float:
        async with self._database.reading() as tx:
            due_at = await store.next_due(tx, kinds)
        if due_at is None:
            return self._settings.poll_s
        return min(max(due_at - self._clock.now(), 0.01), self._settings.poll_s)

    def _backoff_s(self, held: QueuedJob) -> float:
        first_s, cap_s = self._settings.backoff_s, self._settings.backoff_cap_s
        return domain.backoff_s(held.job.attempt, first_s=first_s, cap_s=cap_s)


async def _get(tx: Transaction, job_id: str) -> QueuedJob:
    return _found(await store.find(tx, job_id), job_id)


async def _held(tx: Transaction, job_id: str) -> QueuedJob:
    return _found(await store.hold(tx, job_id), job_id)


async def _leased(tx: Transaction, job_id: str, lease: str) -> QueuedJob:
    held = await _held(tx, job_id)
    _check_lease(held, lease)
    return held


def _found(held: QueuedJob | None, job_id: str) -> QueuedJob:
    if held is None:
        raise NotFoundError(f"no job {job_id!r}; finished ones are forgotten after a while", param="id")
    return held


def _check_lease(held: QueuedJob, lease: str) -> None:
    if held.job.state != "running" or held.lease != lease:
        raise ConflictError(f"job {held.job.id} is {held.job.state} and no longer yours; stop working on it")
