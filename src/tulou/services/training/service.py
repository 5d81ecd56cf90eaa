"""The use cases of training."""

import asyncio
from dataclasses import replace

import msgspec
import structlog

from tulou.chassis.jobs import JobRun
from tulou.chassis.outbox import Outbox
from tulou.chassis.paging import check_limit, page_of
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import EnqueueJob, NameJob
from tulou.contracts.registry.messages import Version
from tulou.contracts.training.events import RUN_FINISHED, RunFinished
from tulou.contracts.training.messages import ListRecipes, ListRuns, NameRun, Recipes, Run, RunPage, StartRun
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, NotFoundError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database, Transaction
from tulou.services.training import cookbook, store
from tulou.services.training.domain import runs
from tulou.services.training.domain.recipes import chosen_profile
from tulou.services.training.publishing import ModelPublisher, PublishedModel
from tulou.services.training.reporting import Reporter
from tulou.services.training.settings import TrainingSettings

TRAIN_JOB = "training.train"
ONE_AT_A_TIME = "one"
"""Two trainings would only take the processor from one another, and both from the gateway."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class TrainingService:
    """Runs, kept in the database and done as jobs; implements `contracts.training.Training`."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        jobs: Jobs,
        clock: Clock,
        maker: ModelPublisher,
        settings: TrainingSettings,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._jobs = jobs
        self._clock = clock
        self._maker = maker
        self._settings = settings

    async def start(self, request: StartRun) -> Run:
        """Enqueue a run; raise `NotFoundError` for an unknown recipe or profile, `ConflictError` while one goes on."""
        sheet = await asyncio.to_thread(cookbook.read_sheet, request.recipe)
        chosen_profile(sheet, request.profile)
        run = Run(
            id=new_id("run"),
            recipe=request.recipe,
            profile=request.profile,
            model=request.model or sheet.name,
            state="queued",
            job="",
            created_at=self._clock.now(),
            created_by=CONTEXT.get().author,
        )
        payload = msgspec.json.encode(run).decode()
        job = await self._jobs.enqueue(
            EnqueueJob(
                kind=TRAIN_JOB,
                payload=payload,
                dedup_key=ONE_AT_A_TIME,
                attempts=self._settings.attempts,
                deadline_s=self._settings.deadline_s,
            )
        )
        if job.payload != payload:
            other = msgspec.json.decode(job.payload, type=Run)
            raise ConflictError(f"run {other.id} of {other.model} is under way; wait for it, or cancel job {job.id}")
        return await self._known(replace(run, job=job.id))

    async def run(self, request: NameRun) -> Run:
        """Return a run; raise `NotFoundError` for an unknown id."""
        async with self._database.reading() as tx:
            run = await store.find(tx, request.id)
        if run is None:
            raise NotFoundError(f"no run {request.id[:80]!r}; GET /api/v1/training/runs lists them", param="id")
        return run if runs.is_finished(run) else await self._settle(run)

    async def runs(self, request: ListRuns) -> RunPage:
        """Return a page of runs."""
        check_limit(request.limit)
        async with self._database.reading() as tx:
            found = await store.page(tx, request)
        page = page_of(found, request.limit, lambda run: run.id)
        return RunPage(items=page.items, next=page.next)

    async def cancel(self, request: NameRun) -> Run:
        """End a queued run, or ask a running one to stop; a finished one stays as it is."""
        run = await self.run(request)
        if runs.is_finished(run):
            return run
        await self._jobs.cancel(NameJob(id=run.job))
        return await self._settle(run)

    async def recipes(self, request: ListRecipes) -> Recipes:  # noqa: ARG002 - the contract's shape
        """Return the recipes there are."""
        return Recipes(items=await asyncio.to_thread(cookbook.recipes))

    async def train(self, attempt: JobRun) -> Version:
        """Do a run, from its recipe to the published version; nothing is published unless all of it succeeded."""
        run = msgspec.json.decode(attempt.job.payload, type=Run)
        run = await self._known(replace(run, job=attempt.job.id))
        run = await self._changed(runs.begun(run, self._clock.now()), seen=run)
        dish = await asyncio.to_thread(cookbook.read_dish, run.recipe, run.profile)
        async with Reporter(run, attempt, self._database, every_s=self._settings.report_s) as reporter:
            made = await self._maker.make(run, dish, attempt, reporter.tell)
        await self._finish(run.id, made)
        return made.version

    async def settle(self, job: str) -> None:
        """Bring the run of a finished job to its end, if it is not there."""
        async with self._database.reading() as tx:
            run = await store.find_by_job(tx, job)
        if run is not None and not runs.is_finished(run):
            await self._settle(run)

    async def _known(self, run: Run) -> Run:
        """Return the run as it is kept; the job may begin before the one who enqueued it wrote it down."""
        async with self._database.transaction() as tx:
            found = await store.find(tx, run.id)
            if found is None:
                await store.add(tx, run)
        return found or run

    async def _changed(self, run: Run, *, seen: Run) -> Run:
        async with self._database.transaction() as tx:
            await store.change(tx, run, seen=seen)
        return run

    async def _finish(self, run_id: str, made: PublishedModel) -> None:
        async with self._database.transaction() as tx:
            seen = await store.find(tx, run_id)
            if seen is None or runs.is_finished(seen):
                return
            ended = replace(
                seen,
                state="succeeded",
                stage="published",
                version=made.version.number,
                scores=made.cooked.scores,
                loss=round(made.cooked.trained.loss, 4),
                step=made.cooked.trained.steps,
                eta_s=0.0,
                finished_at=self._clock.now(),
            )
            await store.change(tx, ended, seen=seen)
            await self._tell(tx, ended)

    async def _settle(self, run: Run) -> Run:
        try:
            job = await self._jobs.job(NameJob(id=run.job))
        except NotFoundError:
            log.warning("training_job_forgotten", run=run.id, job=run.job)
            return run
        ended = runs.settled(run, job, self._clock.now())
        if ended == run:
            return run
        async with self._database.transaction() as tx:
            if await store.change(tx, ended, seen=run):
                await self._tell(tx, ended)
        return ended

    async def _tell(self, tx: Transaction, run: Run) -> None:
        fact = RunFinished(run=run.id, model=run.model, state=run.state, version=run.version)
        await self._outbox.add(tx, RUN_FINISHED, fact)
