"""The use cases of the batches service."""

from dataclasses import replace

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.chassis.paging import check_limit, page_of
from tulou.contracts.batches.messages import Batch, BatchFault, BatchPage, CreateBatch, ListBatches, NameBatch
from tulou.contracts.files.api import Files
from tulou.contracts.files.messages import NameFile
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import EnqueueJob, NameJob
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database
from tulou.services.batches import domain, store
from tulou.services.batches.domain import FINAL
from tulou.services.batches.runner import BatchRunner
from tulou.services.batches.settings import BatchesSettings

RUN_JOB = "batches.run"
ATTEMPTS = 20
"""How often the work is taken up again after a crash; what is answered by then is not asked again."""
SLACK_S = 3600.0


class _Payload(msgspec.Struct):
    batch: str


class BatchesService:
    """Batches, told apart by project; implements `contracts.batches.Batches`."""

    def __init__(
        self,
        database: Database,
        files: Files,
        jobs: Jobs,
        work: BatchRunner,
        *,
        clock: Clock,
        settings: BatchesSettings,
    ) -> None:
        self._database = database
        self._files = files
        self._jobs = jobs
        self._work = work
        self._clock = clock
        self._settings = settings

    async def create(self, request: CreateBatch) -> Batch:
        """Take a batch in; its lines are checked before the first is asked."""
        domain.check_create(request)
        file = await self._files.file(NameFile(owner=request.owner, id=request.input_file))
        if file.purpose != "batch":
            raise InvalidError(
                f"the file {file.id} is for {file.purpose}; upload it for `batch`", param="input_file_id"
            )
        batch = self._new(request)
        async with self._database.transaction() as tx:
            if await store.count_unfinished(tx, request.owner) >= self._settings.project_batches:
                most = self._settings.project_batches
                raise LimitedError(f"{most} batches of this project are unfinished ([batches] project_batches)")
            await store.add(tx, batch)
        return await self._enqueued(batch)

    async def batch(self, request: NameBatch) -> Batch:
        """Return a batch; raise `NotFoundError` for an unknown one and for one of somebody else."""
        async with self._database.reading() as tx:
            return _found(await store.find(tx, request.id, request.owner), request.id)

    async def batches(self, request: ListBatches) -> BatchPage:
        """Return a page of batches."""
        check_limit(request.limit, most=domain.PAGE_CAP)
        async with self._database.reading() as tx:
            found = await store.page(tx, request)
        page = page_of(found, request.limit, lambda batch: batch.id)
        return BatchPage(items=page.items, more=page.next is not None)

    async def cancel(self, request: NameBatch) -> Batch:
        """Stop; what has been answered is kept. One that has ended stays as it is."""
        async with self._database.transaction() as tx:
            batch = _found(await store.hold(tx, request.id, request.owner), request.id)
            if batch.state in FINAL or batch.state == "cancelling":
                return batch
            batch = replace(batch, state="cancelling", cancelling_at=self._clock.now())
            await store.put(tx, batch)
        return batch

    async def work_on(self, run: JobRun) -> str:
        """Bring the batch of a job to its end, and return its id."""
        batch = msgspec.json.decode(run.job.payload, type=_Payload).batch
        await self._work.run(batch, run)
        return batch

    async def give_up(self, job_id: str) -> None:
        """End the batch of a job that will not be tried again."""
        job = await self._jobs.job(NameJob(id=job_id))
        batch_id = msgspec.json.decode(job.payload, type=_Payload).batch
        async with self._database.transaction() as tx:
            batch = await store.hold(tx, batch_id)
            if batch is not None and batch.state not in FINAL:
                why = job.error or f"its job {job.id} was {job.state}"
                fault = BatchFault(line=0, code="work_failed", message=why)
                now = self._clock.now()
                await store.put(tx, replace(batch, state="failed", failed_at=now, faults=(*batch.faults, fault)))

    def _new(self, request: CreateBatch) -> Batch:
        now = self._clock.now()
        return Batch(
            id=new_id("batch"),
            owner=request.owner,
            endpoint=request.endpoint,
            input_file=request.input_file,
            state="validating",
            window_s=request.window_s,
            created_at=now,
            expires_at=now + request.window_s,
            metadata=request.metadata,
        )

    async def _enqueued(self, batch: Batch) -> Batch:
        job = await self._jobs.enqueue(
            EnqueueJob(
                kind=RUN_JOB,
                payload=msgspec.json.encode(_Payload(batch=batch.id)).decode(),
                dedup_key=batch.id,
                attempts=ATTEMPTS,
                deadline_s=batch.window_s + SLACK_S,
            )
        )
        return replace(batch, job=job.id)


def _found(batch: Batch | None, batch_id: str) -> Batch:
    if batch is None:
        raise NotFoundError(f"no batch {batch_id!r} in this project; GET /v1/batches lists those there are")
    return batch
