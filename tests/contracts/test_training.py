"""What training promises, however it is reached: runs that end with a signed version, or with a reason."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.contracts.bindings import Binding, bound, opened
from tulou.chassis.runner import JobRunner
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import NameJob
from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import NameModel, NameVersion
from tulou.contracts.training.api import Training
from tulou.contracts.training.messages import ListRecipes, ListRuns, NameRun, Run, StartRun
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.ports.converter import Converter
from tulou.ports.exporter import Exporter
from tulou.ports.trainer import Trainer
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.jobs.settings import JobsSettings
from tulou.services.registry.component import COMPONENT as REGISTRY
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.tests.fakes import CopyingExporter
from tulou.services.training.component import COMPONENT
from tulou.services.training.handlers import TrainingHandlers
from tulou.services.training.settings import TrainingSettings
from tulou.services.training.tests.fakes import CopyingConverter, WritingTrainer
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house


@dataclass
class Place:
    """Training as the test reaches it, and what it works with."""

    training: Training
    handlers: TrainingHandlers
    trainer: WritingTrainer
    jobs: Jobs
    registry: Registry

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Do jobs while the block runs."""
        runner = JobRunner(self.jobs, {"training.train": self.handlers.train}, name="here")
        task = asyncio.create_task(runner.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def ended(self, run: Run) -> Run:
        """Return the run once it has ended."""

        async def has_ended() -> bool:
            return (await self.training.run(NameRun(id=run.id))).finished_at is not None

        await eventually(has_ended)
        return await self.training.run(NameRun(id=run.id))


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(*(f"tulou.services.{name}.migrations" for name in ("jobs", "registry", "training"))) as small:
        yield small


@pytest.fixture
async def place(house: SmallHouse, binding: Binding) -> AsyncGenerator[Place]:
    trainer, converter = WritingTrainer(), CopyingConverter()
    things = {Trainer: trainer, Converter: converter, Exporter: CopyingExporter()}
    settings = {RegistrySettings: RegistrySettings(), TrainingSettings: TrainingSettings(report_s=0.01, attempts=1)}
    async with opened(JOBS, house, "direct", {JobsSettings: JobsSettings(poll_s=0.02)}) as jobs:
        things |= {Jobs: jobs, **settings}
        async with opened(REGISTRY, house, "direct", things) as registry:
            things |= {Registry: registry}
            async with COMPONENT.build(house.provided(things)) as service:
                handlers = TrainingHandlers(service)
                async with bound(COMPONENT, service, binding) as training:
                    yield Place(training, handlers, trainer, jobs, registry)


async def test_a_run_ends_with_a_signed_version_that_tells_where_it_comes_from(place: Place) -> None:
    started = await place.training.start(StartRun(model="mine"))
    assert (started.state, started.model, started.profile) == ("queued", "mine", "quick")
    async with place.running():
        run = await place.ended(started)
    assert (run.state, run.version, run.error) == ("succeeded", 1, "")
    assert {score.group for score in run.scores} >= {"chat", "faq"}
    version = await place.registry.resolve(NameVersion(model="mine", reference="latest"))
    assert version.lineage["recipe"] == "demo"
    assert "tulou train demo --profile quick" in version.card
    assert version.files[0].name == "model.gguf"
    assert (await place.registry.verify(NameVersion(model="mine", reference="latest"))).valid


async def test_a_run_that_goes_on_tells_how_far_it_is(place: Place) -> None:
    place.trainer.may_go_on.clear()
    started = await place.training.start(StartRun())
    async with place.running():
        await place.trainer.half_way.wait()

        async def is_told() -> bool:
            run = await place.training.run(NameRun(id=started.id))
            return (run.state, run.step, run.steps, run.loss) == ("running", 1, 2, 3.0)

        await eventually(is_told)
        place.trainer.may_go_on.set()
        await place.ended(started)


async def test_a_cancelled_run_publishes_nothing(place: Place) -> None:
    place.trainer.may_go_on.clear()
    started = await place.training.start(StartRun())
    async with place.running():
        await place.trainer.half_way.wait()
        await place.training.cancel(NameRun(id=started.id))
        run = await place.ended(started)
    assert run.state == "cancelled"
    with pytest.raises(NotFoundError):
        await place.registry.model(NameModel(model=started.model))


async def test_a_run_is_cancelled_before_it_begins(place: Place) -> None:
    started = await place.training.start(StartRun())
    run = await place.training.cancel(NameRun(id=started.id))
    assert run.state == "cancelled"
    assert await place.training.cancel(NameRun(id=started.id)) == run


async def test_a_run_that_fails_says_why(place: Place) -> None:
    place.trainer.fails_with = InvalidError("the data is empty")
    started = await place.training.start(StartRun())
    async with place.running():
        run = await place.ended(started)
    assert (run.state, run.error) == ("failed", "the data is empty")


async def test_one_run_goes_on_at_a_time(place: Place) -> None:
    first = await place.training.start(StartRun())
    with pytest.raises(ConflictError, match=first.id):
        await place.training.start(StartRun(model="other"))
    await place.training.cancel(NameRun(id=first.id))
    assert (await place.training.start(StartRun(model="other"))).state == "queued"


async def test_a_run_is_done_again_after_its_process_was_killed(place: Place) -> None:
    place.trainer.may_go_on.clear()
    started = await place.training.start(StartRun())
    async with place.running():
        await place.trainer.half_way.wait()
    place.trainer.may_go_on.set()
    assert (await place.jobs.job(NameJob(id=started.job))).state == "queued"
    async with place.running():
        run = await place.ended(started)
    assert (run.state, run.version) == ("succeeded", 1)


async def test_runs_are_listed_newest_first(place: Place) -> None:
    ids: list[str] = []
    for name in ("a", "b", "c"):
        run = await place.training.start(StartRun(model=name))
        await place.training.cancel(NameRun(id=run.id))
        ids.insert(0, run.id)
    first = await place.training.runs(ListRuns(limit=2))
    rest = await place.training.runs(ListRuns(limit=2, after=first.next or ""))
    assert [run.id for run in (*first.items, *rest.items)] == ids
    assert rest.next is None


async def test_what_is_unknown_is_answered_with_what_there_is(place: Place) -> None:
    with pytest.raises(NotFoundError, match="there are demo"):
        await place.training.start(StartRun(recipe="cake"))
    with pytest.raises(NotFoundError, match="quick, full"):
        await place.training.start(StartRun(profile="huge"))
    with pytest.raises(NotFoundError, match="no run"):
        await place.training.run(NameRun(id="run_0"))
    with pytest.raises(InvalidError, match="limit"):
        await place.training.runs(ListRuns(limit=0))
    assert [recipe.name for recipe in (await place.training.recipes(ListRecipes())).items] == ["demo"]
