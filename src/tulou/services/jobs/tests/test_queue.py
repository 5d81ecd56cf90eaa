"""The queue: who gets which job, and what becomes of it."""

import asyncio

import pytest

from tulou.contracts.jobs.events import JOB_FINISHED
from tulou.contracts.jobs.messages import (
    EnqueueJob,
    FinishJob,
    Job,
    LeasedJob,
    LeaseJob,
    ListJobs,
    NameJob,
    RecordStep,
    RenewLease,
)
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import ConflictError, InvalidError, LimitedError, NotFoundError
from tulou.services.jobs.service import JobsService
from tulou.services.jobs.settings import JobsSettings
from tulou.services.jobs.store import METADATA
from tulou.testing.house import SmallHouse
from tulou.testing.tables import differences

WORK = EnqueueJob(kind="test.work")
ASK = LeaseJob(runner="a", kinds=("test.work",))


async def taken(queue: JobsService) -> tuple[Job, LeasedJob]:
    leased = await queue.lease(ASK)
    assert leased.job
    return leased.job, leased


async def state(queue: JobsService, job: Job) -> str:
    return (await queue.job(NameJob(id=job.id))).state


async def test_the_tables_are_those_that_the_revisions_make(house: SmallHouse) -> None:
    assert await differences(house.database, METADATA) == []


async def test_jobs_are_handed_out_oldest_first_and_each_once(queue: JobsService) -> None:
    first, second = await queue.enqueue(WORK), await queue.enqueue(WORK)
    assert (await taken(queue))[0].id == first.id
    assert (await taken(queue))[0].id == second.id
    assert (await queue.lease(ASK)).job is None


async def test_racing_runners_get_different_jobs(queue: JobsService) -> None:
    for _ in range(6):
        await queue.enqueue(WORK)
    leased = await asyncio.gather(*(queue.lease(ASK) for _ in range(6)))
    assert len({lease.job.id for lease in leased if lease.job}) == 6


async def test_a_runner_gets_only_kinds_it_asked_for(queue: JobsService) -> None:
    await queue.enqueue(EnqueueJob(kind="other.work"))
    assert (await queue.lease(ASK)).job is None


async def test_a_success_keeps_the_result_and_is_a_fact(queue: JobsService, house: SmallHouse) -> None:
    await queue.enqueue(WORK)
    job, leased = await taken(queue)
    async with house.events.subscribe([JOB_FINISHED], group="test") as deliveries, house.relaying():
        await queue.finish(FinishJob(id=job.id, lease=leased.lease, result='{"n":1}'))
        fact = (await anext(deliveries)).fact
    assert fact.body == f'{{"job":"{job.id}","kind":"test.work","state":"succeeded"}}'
    done = await queue.job(NameJob(id=job.id))
    assert (done.state, done.result, done.progress) == ("succeeded", '{"n":1}', 1.0)


async def test_saying_twice_that_it_ended_is_no_error(queue: JobsService) -> None:
    await queue.enqueue(WORK)
    job, leased = await taken(queue)
    await queue.finish(FinishJob(id=job.id, lease=leased.lease))
    await queue.finish(FinishJob(id=job.id, lease=leased.lease))
    assert await state(queue, job) == "succeeded"


async def test_an_error_is_tried_again_later_and_later_and_then_is_final(queue: JobsService, house: SmallHouse) -> None:
    await queue.enqueue(EnqueueJob(kind="test.work", attempts=3))
    for pause in (1.0, 2.0):
        job, leased = await taken(queue)
        await queue.finish(FinishJob(id=job.id, lease=leased.lease, error="no luck"))
        house.clock.advance(pause - 0.1)
        assert (await queue.lease(ASK)).job is None
        house.clock.advance(0.2)
    job, leased = await taken(queue)
    await queue.finish(FinishJob(id=job.id, lease=leased.lease, error="no luck"))
    ended = await queue.job(NameJob(id=job.id))
    assert (ended.state, ended.attempt, ended.error) == ("failed", 3, "no luck")


async def test_a_final_error_is_not_tried_again(queue: JobsService) -> None:
    await queue.enqueue(WORK)
    job, leased = await taken(queue)
    await queue.finish(FinishJob(id=job.id, lease=leased.lease, error="wrong path", final=True))
    assert await state(queue, job) == "failed"


async def test_a_released_job_waits_again_and_the_attempt_does_not_count(queue: JobsService) -> None:
    queued = await queue.enqueue(EnqueueJob(kind="test.work", attempts=1))
    for _ in range(3):
        job, leased = await taken(queue)
        assert job.attempt == 1
        await queue.finish(FinishJob(id=job.id, lease=leased.lease, released=True))
    assert await state(queue, queued) == "queued"


async def test_a_lease_that_ran_out_is_lost_to_the_next_attempt_with_its_steps(
    queue: JobsService, house: SmallHouse
) -> None:
    await queue.enqueue(WORK)
    job, late = await taken(queue)
    await queue.record_step(RecordStep(id=job.id, lease=late.lease, step="one", value="1"))
    house.clock.advance(31)
    again, leased = await taken(queue)
    assert (again.id, again.attempt, leased.steps) == (job.id, 2, (("one", "1"),))
    for refused in (
        queue.finish(FinishJob(id=job.id, lease=late.lease)),
        queue.renew(RenewLease(id=job.id, lease=late.lease)),
        queue.record_step(RecordStep(id=job.id, lease=late.lease, step="two")),
    ):
        with pytest.raises(ConflictError, match="no longer yours"):
            await refused
    await queue.finish(FinishJob(id=job.id, lease=leased.lease))
    assert await state(queue, job) == "succeeded"


async def test_a_renewed_lease_is_kept_and_tells_progress(queue: JobsService, house: SmallHouse) -> None:
    await queue.enqueue(WORK)
    job, leased = await taken(queue)
    house.clock.advance(20)
    await queue.renew(RenewLease(id=job.id, lease=leased.lease, progress=7, note="half"))
    house.clock.advance(20)
    assert (await queue.lease(ASK)).job is None
    seen = await queue.job(NameJob(id=job.id))
    assert (seen.progress, seen.note) == (1.0, "half")


async def test_a_job_whose_runners_all_died_fails_after_its_last_attempt(queue: JobsService, house: SmallHouse) -> None:
    queued = await queue.enqueue(EnqueueJob(kind="test.work", attempts=2))
    for _ in range(2):
        await taken(queue)
        house.clock.advance(31)
    assert (await queue.lease(ASK)).job is None
    ended = await queue.job(NameJob(id=queued.id))
    assert (ended.state, ended.error) == ("failed", "its runner went away in attempt 2, the last one")


async def test_cancelling_ends_a_queued_job_at_once(queue: JobsService) -> None:
    job = await queue.enqueue(WORK)
    assert (await queue.cancel(NameJob(id=job.id))).state == "cancelled"
    assert (await queue.lease(ASK)).job is None


async def test_cancelling_a_running_job_reaches_its_runner(queue: JobsService) -> None:
    await queue.enqueue(WORK)
    job, leased = await taken(queue)
    assert (await queue.cancel(NameJob(id=job.id))).cancelling
    assert (await queue.renew(RenewLease(id=job.id, lease=leased.lease))).cancelling
    await queue.finish(FinishJob(id=job.id, lease=leased.lease, cancelled=True))
    assert await state(queue, job) == "cancelled"


async def test_cancelling_a_finished_job_changes_nothing(queue: JobsService) -> None:
    await queue.enqueue(WORK)
    job, leased = await taken(queue)
    await queue.finish(FinishJob(id=job.id, lease=leased.lease))
    assert (await queue.cancel(NameJob(id=job.id))).state == "succeeded"


async def test_a_cancelled_job_whose_runner_died_is_swept_up(queue: JobsService, house: SmallHouse) -> None:
    await queue.enqueue(WORK)
    job, _ = await taken(queue)
    await queue.cancel(NameJob(id=job.id))
    await queue.sweep()
    assert await state(queue, job) == "running"
    house.clock.advance(31)
    await queue.sweep()
    assert await state(queue, job) == "cancelled"


async def test_a_job_that_nobody_takes_fails_at_its_deadline_and_says_so(queue: JobsService, house: SmallHouse) -> None:
    job = await queue.enqueue(EnqueueJob(kind="nobody.can", deadline_s=60))
    house.clock.advance(61)
    await queue.sweep()
    ended = await queue.job(NameJob(id=job.id))
    assert (ended.state, ended.error) == ("failed", "the job's deadline of 60 s passed; no runner took it")


async def test_the_same_dedup_key_is_the_same_job_until_that_has_ended(queue: JobsService) -> None:
    once = EnqueueJob(kind="test.work", dedup_key="x")
    jobs = await asyncio.gather(*(queue.enqueue(once) for _ in range(4)))
    assert len({job.id for job in jobs}) == 1
    await queue.cancel(NameJob(id=jobs[0].id))
    assert (await queue.enqueue(once)).id != jobs[0].id


async def test_finished_jobs_are_forgotten_beyond_a_number_and_an_age(queue: JobsService, house: SmallHouse) -> None:
    made = [await queue.enqueue(WORK) for _ in range(4)]
    for job in made:
        await queue.cancel(NameJob(id=job.id))
        house.clock.advance(1)
    await queue.sweep()
    kept = (await queue.jobs(ListJobs())).items
    assert {job.id for job in kept} == {made[2].id, made[3].id}
    house.clock.advance(8 * 86_400)
    await queue.sweep()
    assert (await queue.jobs(ListJobs())).items == ()


async def test_pages_follow_one_another_without_gap(queue: JobsService) -> None:
    made = [(await queue.enqueue(WORK)).id for _ in range(5)]
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await queue.jobs(ListJobs(limit=2, after=after, state="queued", kind="test.work"))
        seen += [job.id for job in page.items]
        after = page.next
    assert sorted(seen) == sorted(made)


async def test_a_waiting_runner_is_woken_by_new_work(house: SmallHouse) -> None:
    settings = JobsSettings(wait_s=30, poll_s=30)
    queue = JobsService(house.database, house.outbox, clock=SystemClock(), settings=settings)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        waiting = group.create_task(queue.lease(ASK))
        await asyncio.sleep(0)
        job = await queue.enqueue(WORK)
    leased = waiting.result().job
    assert leased is not None
    assert leased.id == job.id


async def test_what_a_cancelled_caller_was_about_to_get_goes_back(queue: JobsService) -> None:
    job = await queue.enqueue(WORK)
    asking = asyncio.create_task(queue.lease(ASK))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    again, _ = await taken(queue)
    assert (again.id, again.attempt) == (job.id, 1)


async def test_a_full_queue_says_so(house: SmallHouse) -> None:
    settings = JobsSettings(max_active=1)
    queue = JobsService(house.database, house.outbox, clock=house.clock, settings=settings)
    await queue.enqueue(WORK)
    with pytest.raises(LimitedError, match="max_active"):
        await queue.enqueue(WORK)


async def test_an_unknown_job_is_not_found(queue: JobsService) -> None:
    with pytest.raises(NotFoundError, match="no job 'job_x'"):
        await queue.job(NameJob(id="job_x"))


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        (EnqueueJob(kind="work"), "kind"),
        (EnqueueJob(kind="a.b", payload="x" * 50_000), "payload"),
        (EnqueueJob(kind="a.b", attempts=0), "attempts"),
        (EnqueueJob(kind="a.b", lease_s=0), "lease_s"),
        (EnqueueJob(kind="a.b", deadline_s=float("nan")), "deadline_s"),
        (EnqueueJob(kind="a.b", dedup_key="x" * 201), "dedup_key"),
    ],
)
async def test_work_that_makes_no_sense_is_refused_by_name(queue: JobsService, wrong: EnqueueJob, param: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await queue.enqueue(wrong)
    assert refused.value.param == param
