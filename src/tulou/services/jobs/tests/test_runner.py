"""The runner of the chassis, over the real queue and the real clock."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import msgspec
import pytest
from sqlalchemy import update

from tulou.chassis.jobs import JobRun
from tulou.chassis.runner import Handler, JobRunner
from tulou.contracts.jobs.messages import EnqueueJob, Job, JobState, LeasedJob, LeaseJob, NameJob
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import CONTEXT, NOBODY, Actor, Context, HouseActor, SessionActor, acting
from tulou.kernel.errors import ForbiddenError, InvalidError, UnavailableError
from tulou.services.jobs.service import JobsService
from tulou.services.jobs.settings import JobsSettings
from tulou.services.jobs.store import JOBS
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse

WORK = EnqueueJob(kind="test.work", lease_s=1)


@pytest.fixture
def queue(house: SmallHouse) -> JobsService:
    settings = JobsSettings(wait_s=30, backoff_s=0.01)
    return JobsService(house.database, house.outbox, clock=SystemClock(), settings=settings)


@asynccontextmanager
async def running(queue: JobsService, handlers: Mapping[str, Handler], *, slots: int = 2) -> AsyncGenerator[None]:
    runner = asyncio.create_task(JobRunner(queue, handlers, name="test", slots=slots).run())
    try:
        yield
    finally:
        runner.cancel()
        await asyncio.gather(runner, return_exceptions=True)


async def ended(queue: JobsService, job: Job, state: JobState) -> Job:
    async def reached() -> bool:
        return (await queue.job(NameJob(id=job.id))).state == state

    await eventually(reached)
    return await queue.job(NameJob(id=job.id))


async def test_a_job_is_done_in_its_own_context_and_its_result_kept(queue: JobsService) -> None:
    async def work(run: JobRun) -> str:
        assert CONTEXT.get().request_id == run.job.id
        return '{"answer":42}'

    async with running(queue, {"test.work": work}):
        done = await ended(queue, await queue.enqueue(WORK), "succeeded")
    assert done.result == '{"answer":42}'


async def test_a_job_is_run_by_the_house_in_the_name_of_who_asked_for_it(queue: JobsService) -> None:
    ana = SessionActor(tenant="north", principal="ana", id="session_1")
    ran: list[Actor] = []

    async def work(_: JobRun) -> str:
        ran.append(CONTEXT.get().actor)
        return "null"

    with acting(Context(actor=ana)):
        asked = await queue.enqueue(WORK)
    async with running(queue, {"test.work": work}):
        done = await ended(queue, asked, "succeeded")
    assert ran == [HouseActor(reason="job test.work", asked_by=ana)]
    assert done.created_by == "ana"


async def test_what_nobody_asks_for_is_not_enqueued_and_what_nobody_asked_for_not_run(
    queue: JobsService, house: SmallHouse
) -> None:
    async def work(_: JobRun) -> str:
        raise AssertionError("it was run")

    with acting(NOBODY), pytest.raises(ForbiddenError, match=r"nobody is known to ask for test\.work"):
        await queue.enqueue(WORK)
    old = await queue.enqueue(WORK)
    async with house.database.transaction() as tx:  # as a version before actors left it
        await tx.execute(update(JOBS).values(actor=""))
    async with running(queue, {"test.work": work}):
        done = await ended(queue, old, "failed")
    assert done.attempt == 1
    assert "ask for it again" in done.error


async def test_a_job_of_a_queue_that_does_not_say_who_asked_is_given_back_and_done_once_it_does(
    queue: JobsService,
) -> None:
    """A rolling restart: the process that has the queue is of the version before actors for a while."""
    done: list[str] = []

    async def work(run: JobRun) -> str:
        done.append(run.job.id)
        return "null"

    older = OlderQueue(queue)
    async with running(cast("JobsService", older), {"test.work": work}, slots=1):
        job = await queue.enqueue(EnqueueJob(kind="test.work", attempts=1))
        async with asyncio.timeout(60):
            await older.leased.wait()
        older.older = False
        ended_well = await ended(queue, job, "succeeded")
    assert done == [job.id]
    assert (ended_well.attempt, ended_well.error) == (1, "")


async def test_a_passing_failure_is_tried_again_from_the_recorded_step(queue: JobsService) -> None:
    seen: list[str | None] = []

    async def work(run: JobRun) -> str:
        seen.append(run.step("fetched"))
        if run.job.attempt == 1:
            await run.record("fetched", '"file"')
            raise UnavailableError("the disk is away")
        return "null"

    async with running(queue, {"test.work": work}):
        await ended(queue, await queue.enqueue(WORK), "succeeded")
    assert seen == [None, '"file"']


async def test_a_refusal_is_final_and_a_bug_is_named(queue: JobsService) -> None:
    async def refuse(_: JobRun) -> str:
        raise InvalidError("no such path")

    async def break_down(_: JobRun) -> str:
        raise ZeroDivisionError("by nought")

    async with running(queue, {"test.work": refuse, "test.bug": break_down}):
        refused = await ended(queue, await queue.enqueue(WORK), "failed")
        broken = await ended(queue, await queue.enqueue(EnqueueJob(kind="test.bug", attempts=2)), "failed")
    assert (refused.attempt, refused.error) == (1, "no such path")
    assert (broken.attempt, broken.error) == (2, "ZeroDivisionError: by nought")


async def test_a_long_job_keeps_its_lease_and_shows_progress(queue: JobsService) -> None:
    go_on = asyncio.Event()

    async def work(run: JobRun) -> str:
        run.progress(0.5, "half")
        await go_on.wait()
        return "null"

    async def shows() -> bool:
        now = await queue.job(NameJob(id=job.id))
        return (now.progress, now.note) == (0.5, "half")

    async with running(queue, {"test.work": work}):
        job = await queue.enqueue(WORK)
        await eventually(shows)
        go_on.set()
        assert (await ended(queue, job, "succeeded")).attempt == 1


async def test_cancelling_a_job_cancels_its_handler(queue: JobsService) -> None:
    began, stopped = asyncio.Event(), asyncio.Event()

    async def work(_: JobRun) -> str:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return "null"

    async with running(queue, {"test.work": work}):
        job = await queue.enqueue(WORK)
        await began.wait()
        await queue.cancel(NameJob(id=job.id))
        await ended(queue, job, "cancelled")
    assert stopped.is_set()


async def test_a_runner_that_ends_gives_its_jobs_back_at_once(queue: JobsService) -> None:
    began = asyncio.Event()

    async def work(_: JobRun) -> str:
        began.set()
        await asyncio.Event().wait()
        return "null"

    async with running(queue, {"test.work": work}):
        job = await queue.enqueue(EnqueueJob(kind="test.work", attempts=1))
        await began.wait()
    leased = await queue.lease(LeaseJob(runner="other", kinds=("test.work",)))
    assert leased.job is not None
    assert (leased.job.id, leased.job.attempt) == (job.id, 1)


async def test_a_handler_whose_lease_was_lost_is_stopped_and_its_word_not_heard(
    queue: JobsService, house: SmallHouse
) -> None:
    """The process is held up for longer than its lease, and another runner has the job when it goes on."""
    began, stopped = asyncio.Event(), asyncio.Event()

    async def work(_: JobRun) -> str:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return "null"

    late = JobsService(house.database, house.outbox, clock=LaterClock(), settings=JobsSettings(wait_s=0))
    async with running(queue, {"test.work": work}):
        job = await queue.enqueue(WORK)
        await began.wait()
        taken = await late.lease(LeaseJob(runner="other", kinds=("test.work",)))
        assert taken.job is not None
        assert taken.job.attempt == 2
        async with asyncio.timeout(60):
            await stopped.wait()
    assert (await queue.job(NameJob(id=job.id))).state == "running"


async def test_no_more_jobs_run_at_once_than_there_are_slots(queue: JobsService) -> None:
    busy: list[int] = []
    now = 0

    async def work(_: JobRun) -> str:
        nonlocal now
        now += 1
        busy.append(now)
        await asyncio.sleep(0)
        now -= 1
        return "null"

    async with running(queue, {"test.work": work}, slots=2):
        jobs = [await queue.enqueue(WORK) for _ in range(6)]
        for job in jobs:
            await ended(queue, job, "succeeded")
    assert max(busy) <= 2


class OlderQueue:
    """A queue as a process of the version before actors answers: its messages do not have the field."""

    def __init__(self, queue: JobsService) -> None:
        self._queue = queue
        self.leased = asyncio.Event()
        self.older = True

    async def lease(self, request: LeaseJob) -> LeasedJob:
        leased = await self._queue.lease(request)
        if not self.older or leased.job is None:
            return leased
        self.leased.set()
        told = msgspec.json.decode(msgspec.json.encode(leased), type=dict[str, object])
        del told["actor"]
        return msgspec.convert(told, type=LeasedJob)

    def __getattr__(self, name: str) -> object:
        return getattr(self._queue, name)


class LaterClock(SystemClock):
    """A clock by which every lease has run out."""

    def now(self) -> float:
        return super().now() + 60
