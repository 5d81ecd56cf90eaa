"""Whatever runners do, and whenever they die: every job ends, and no step that was recorded is done again."""

import asyncio
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.contracts.jobs.messages import EnqueueJob, FinishJob, LeasedJob, LeaseJob, ListJobs, RecordStep
from tulou.kernel.errors import ConflictError
from tulou.services.jobs.service import JobsService
from tulou.services.jobs.settings import JobsSettings
from tulou.testing.house import SmallHouse, open_house

STEPS = ("fetch", "convert", "publish")


@dataclass
class Runner:
    """Does one thing at a time, and now and then loses everything it holds in memory."""

    name: str
    queue: JobsService
    done: dict[tuple[str, str], int]
    held: LeasedJob | None = None
    steps: set[str] = field(default_factory=set[str])

    async def act(self) -> None:
        if self.held is None:
            leased = await self.queue.lease(LeaseJob(runner=self.name, kinds=("test.steps",)))
            self.held = leased if leased.job else None
            self.steps = {step for step, _ in leased.steps}
            return
        try:
            await self._go_on(self.held)
        except ConflictError:
            self.held = None

    def crash(self) -> LeasedJob | None:
        lost, self.held = self.held, None
        return lost

    async def _go_on(self, held: LeasedJob) -> None:
        assert held.job
        left = [step for step in STEPS if step not in self.steps]
        if not left:
            await self.queue.finish(FinishJob(id=held.job.id, lease=held.lease))
            self.held = None
            return
        await self.queue.record_step(RecordStep(id=held.job.id, lease=held.lease, step=left[0]))
        self.steps.add(left[0])
        self.done[held.job.id, left[0]] = self.done.get((held.job.id, left[0]), 0) + 1


async def live_through(house: SmallHouse, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a test's dice
    queue = JobsService(house.database, house.outbox, clock=house.clock, settings=JobsSettings(wait_s=0))
    for _ in range(4):
        await queue.enqueue(EnqueueJob(kind="test.steps", attempts=100))
    done: dict[tuple[str, str], int] = {}
    runners = [Runner("a", queue, done), Runner("b", queue, done)]
    lost: list[LeasedJob] = []
    for _ in range(60):
        runner = random.choice(runners)
        match random.choice(["act", "act", "act", "act", "crash", "time"]):
            case "act":
                await runner.act()
            case "crash":
                lost += [held for held in [runner.crash()] if held]
            case _:
                house.clock.advance(random.choice([5, 40]))
    await _all_end(house, queue, runners)
    assert set(done.values()) == {1}
    assert len(done) == 4 * len(STEPS)
    await _late_words_are_refused(queue, lost)


async def _all_end(house: SmallHouse, queue: JobsService, runners: list[Runner]) -> None:
    for _ in range(200):
        if all(job.state == "succeeded" for job in (await queue.jobs(ListJobs())).items):
            return
        for runner in runners:
            await runner.act()
        house.clock.advance(11)
    raise AssertionError((await queue.jobs(ListJobs())).items)


async def _late_words_are_refused(queue: JobsService, lost: list[LeasedJob]) -> None:
    for held in lost:
        assert held.job
        with pytest.raises(ConflictError):
            await queue.finish(FinishJob(id=held.job.id, lease=held.lease))


async def _in_a_house(seed: int) -> None:
    async with open_house("tulou.services.jobs.migrations") as house:
        await live_through(house, seed)


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_every_job_ends_and_no_recorded_step_is_repeated(seed: int) -> None:
    asyncio.run(_in_a_house(seed))
