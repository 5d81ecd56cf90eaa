"""What the queue promises, however it is reached."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.chassis.jobs import JobRun
from tulou.chassis.runner import JobRunner
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import (
    EnqueueJob,
    FinishJob,
    LeaseJob,
    ListJobs,
    NameJob,
    RecordStep,
    RenewLease,
)
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.services.jobs.component import COMPONENT
from tulou.services.jobs.settings import JobsSettings
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse

ASK = LeaseJob(runner="r", kinds=("test.work",))


@pytest.fixture
async def jobs(house: SmallHouse, binding: Binding) -> AsyncGenerator[Jobs]:
    things = {JobsSettings: JobsSettings(wait_s=5), Clock: SystemClock()}
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


async def test_a_job_goes_from_queue_to_result(jobs: Jobs) -> None:
    queued = await jobs.enqueue(EnqueueJob(kind="test.work", payload='{"a":1}', dedup_key="k"))
    assert await jobs.enqueue(EnqueueJob(kind="test.work", dedup_key="k")) == queued
    leased = await jobs.lease(ASK)
    assert leased.job
    assert (leased.job.payload, leased.job.state, leased.lease_s) == ('{"a":1}', "running", 30.0)
    assert not (await jobs.renew(RenewLease(id=queued.id, lease=leased.lease, progress=0.5))).cancelling
    await jobs.record_step(RecordStep(id=queued.id, lease=leased.lease, step="s"))
    await jobs.finish(FinishJob(id=queued.id, lease=leased.lease, result="7"))
    (done,) = (await jobs.jobs(ListJobs(state="succeeded"))).items
    assert (done.id, done.result) == (queued.id, "7")


async def test_errors_keep_their_class_and_words(jobs: Jobs) -> None:
    queued = await jobs.enqueue(EnqueueJob(kind="test.work"))
    with pytest.raises(ConflictError, match="is queued and no longer yours"):
        await jobs.renew(RenewLease(id=queued.id, lease="none"))
    with pytest.raises(NotFoundError):
        await jobs.cancel(NameJob(id="job_x"))
    with pytest.raises(InvalidError) as refused:
        await jobs.enqueue(EnqueueJob(kind="x"))
    assert refused.value.param == "kind"


async def test_a_runner_that_leaves_while_it_waits_takes_no_job_with_it(jobs: Jobs) -> None:
    waiting = asyncio.create_task(jobs.lease(ASK))
    assert not (await asyncio.wait({waiting}, timeout=0.2))[0]  # the question has arrived by now, and is kept open
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    queued = await jobs.enqueue(EnqueueJob(kind="test.work", attempts=1))
    leased = await eventually(lambda: jobs.lease(ASK))
    assert leased.job
    assert (leased.job.id, leased.job.attempt) == (queued.id, 1)


async def test_a_runner_works_through_any_binding(jobs: Jobs) -> None:
    async def work(run: JobRun) -> str:
        await run.record("done", run.job.payload)
        return run.step("done") or ""

    async def all_done() -> bool:
        return len((await jobs.jobs(ListJobs(state="succeeded"))).items) == 3

    runner = asyncio.create_task(JobRunner(jobs, {"test.work": work}, name="r").run())
    for number in range(3):
        await jobs.enqueue(EnqueueJob(kind="test.work", payload=str(number)))
    await eventually(all_done)
    runner.cancel()
    await asyncio.gather(runner, return_exceptions=True)
    assert {job.result for job in (await jobs.jobs(ListJobs())).items} == {"0", "1", "2"}
