"""Works through one batch: checks it, asks the gate for every line that has no answer, writes the files."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import msgspec
import structlog

from tulou.chassis.jobs import JobRun
from tulou.chassis.uploads import write_file
from tulou.contracts.batches.messages import Batch, BatchFault, BatchState
from tulou.contracts.files.api import Files
from tulou.contracts.files.messages import BeginFile
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, NotFoundError
from tulou.ports.database import Database
from tulou.ports.gate import Gate
from tulou.services.batches import domain, store
from tulou.services.batches.domain import FINAL, STOPPED, BatchLine, LineError, OutputLine
from tulou.services.batches.input import examine, lines
from tulou.services.batches.requesting import LineRequester
from tulou.services.batches.settings import BatchesSettings

PAGE = 200

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class BatchRunner:
    """May be cut short anywhere and taken up again: what is answered is kept, and not asked twice."""

    def __init__(
        self, database: Database, files: Files, gate: Gate, *, clock: Clock, settings: BatchesSettings
    ) -> None:
        self._database = database
        self._files = files
        self._asking = LineRequester(gate, clock=clock, settings=settings)
        self._clock = clock
        self._settings = settings

    async def run(self, batch_id: str, run: JobRun) -> None:
        """Bring a batch to its end; one that has ended stays as it is."""
        batch = await self._read(batch_id)
        if batch.state in FINAL:
            return
        try:
            if batch.state == "validating":
                batch = await self._examined(batch)
            if batch.state in {"in_progress", "cancelling"}:
                batch = await self._answered(batch, run)
        except NotFoundError as error:
            await self._failed(batch, [BatchFault(line=0, code="input_gone", message=str(error))])
            return
        if batch.state not in FINAL:
            await self._finished(batch, run)

    async def _examined(self, batch: Batch) -> Batch:
        settings = self._settings
        total, faults = await examine(self._files, batch, most=settings.lines, at_most=settings.line_bytes)
        if faults:
            return await self._failed(batch, faults)
        return await self._move(batch.id, "in_progress", total=total)

    async def _failed(self, batch: Batch, faults: list[BatchFault]) -> Batch:
        return await self._move(batch.id, "failed", faults=tuple(faults))

    async def _answered(self, batch: Batch, run: JobRun) -> Batch:
        async with self._database.reading() as tx:
            known = await store.done(tx, batch.id)
        stopped = asyncio.Event()
        if batch.state == "cancelling":
            stopped.set()
        slots = asyncio.Semaphore(self._settings.at_once)
        async with asyncio.TaskGroup() as group:
            async for number, text in lines(self._files, batch, at_most=self._settings.line_bytes):
                if number in known:
                    continue
                await slots.acquire()
                task = group.create_task(self._line(batch, number, text, stopped))
                task.add_done_callback(lambda _: slots.release())
                run.progress(number / max(batch.total, number), f"line {number} of {batch.total}")
        return await self._move(batch.id, "finalizing")

    async def _line(self, batch: Batch, number: int, text: bytes, stopped: asyncio.Event) -> None:
        line = domain.read_line(number, text, batch.endpoint)
        if not isinstance(line, BatchLine):
            raise ConflictError(f"line {number} of batch {batch.id} is not what it was when it was checked")
        output = self._unasked(batch, number, line, stopped) or await self._asking.ask(batch, number, line)
        good = output.response is not None and output.response.status_code < 300  # noqa: PLR2004 - successes of HTTP
        async with self._database.transaction() as tx:
            state = await store.add_line(tx, batch.id, number, msgspec.json.encode(output), good=good)
        if state == "cancelling":
            stopped.set()

    def _unasked(self, batch: Batch, number: int, line: BatchLine, stopped: asyncio.Event) -> OutputLine | None:
        """Return the word for a line that is not asked any more, or None."""
        why: BatchState | None = "cancelled" if stopped.is_set() else None
        if why is None and self._clock.now() >= batch.expires_at:
            why = "expired"
        if why is None:
            return None
        id_ = domain.line_id(batch.id, number)
        return OutputLine(id=id_, custom_id=line.custom_id, error=LineError(code=f"batch_{why}", message=STOPPED[why]))

    async def _finished(self, batch: Batch, run: JobRun) -> None:
        output = await self._file(batch, run, good=True)
        errors = await self._file(batch, run, good=False)
        async with self._database.transaction() as tx:
            now = await store.hold(tx, batch.id)
            if now is not None:
                await store.put(tx, self._ended(replace(now, output_file=output, error_file=errors)))
                await store.forget_lines(tx, batch.id)
        log.info("batch_ended", batch=batch.id)

    def _ended(self, batch: Batch) -> Batch:
        now = self._clock.now()
        if batch.cancelling_at is not None:
            return replace(batch, state="cancelled", cancelled_at=now)
        if now >= batch.expires_at and batch.failed:
            return replace(batch, state="expired", expired_at=now)
        return replace(batch, state="completed", completed_at=now)

    async def _file(self, batch: Batch, run: JobRun, *, good: bool) -> str:
        """Return the file of the answers, written once; empty when there are none."""
        name = "output" if good else "error"
        if (recorded := run.step(name)) is not None:
            return msgspec.json.decode(recorded, type=str)
        written = ""
        if batch.completed if good else batch.failed:
            begin = BeginFile(owner=batch.owner, name=f"{batch.id}_{name}.jsonl", purpose="batch_output")
            written = (await write_file(self._files, begin, self._outputs(batch, good=good))).id
        await run.record(name, msgspec.json.encode(written).decode())
        return written

    async def _outputs(self, batch: Batch, *, good: bool) -> AsyncGenerator[bytes]:
        after = 0
        while True:
            async with self._database.reading() as tx:
                found = await store.outputs(tx, batch.id, good=good, after=after, limit=PAGE)
            if not found:
                return
            yield b"".join(output.encode() + b"\n" for _, output in found)
            after = found[-1][0]

    async def _read(self, batch_id: str) -> Batch:
        async with self._database.reading() as tx:
            batch = await store.find(tx, batch_id)
        if batch is None:
            raise NotFoundError(f"no batch {batch_id!r}")
        return batch

    async def _move(
        self, batch_id: str, state: BatchState, *, total: int | None = None, faults: tuple[BatchFault, ...] = ()
    ) -> Batch:
        """Bring a batch to its next state, unless it is being cancelled; that is asked for in between."""
        async with self._database.transaction() as tx:
            batch = await store.hold(tx, batch_id)
            if batch is None:
                raise NotFoundError(f"no batch {batch_id!r}")
            stays = batch.state == "cancelling" and state == "in_progress"
            moved = replace(
                batch,
                state="cancelling" if stays else state,
                total=batch.total if total is None else total,
                faults=faults or batch.faults,
                in_progress_at=self._clock.now() if state == "in_progress" else batch.in_progress_at,
                finalizing_at=self._clock.now() if state == "finalizing" else batch.finalizing_at,
                failed_at=self._clock.now() if state == "failed" else batch.failed_at,
            )
            await store.put(tx, moved)
        return moved
