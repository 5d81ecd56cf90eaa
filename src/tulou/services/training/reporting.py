"""The progress of a run, told to its job at once and written down now and then."""

import asyncio
from types import TracebackType
from typing import Self

import structlog

from tulou.chassis.jobs import JobRun
from tulou.contracts.training.messages import Run
from tulou.kernel.errors import TulouError
from tulou.ports.database import Database
from tulou.ports.trainer import TrainProgress
from tulou.services.training import store
from tulou.services.training.domain.runs import advanced, share

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Reporter:
    """Keeps the row of a run up to date while its block runs."""

    def __init__(self, run: Run, attempt: JobRun, database: Database, *, every_s: float) -> None:
        self._run = self._written = run
        self._attempt = attempt
        self._database = database
        self._every_s = every_s
        self._writing: asyncio.Task[None] | None = None

    def tell(self, progress: TrainProgress) -> None:
        """Take note of how far the work is."""
        self._run = run = advanced(self._run, progress)
        note = run.stage
        if progress.stage == "training":
            note = f"step {run.step} of {run.steps}, loss {run.loss:.3f}, {run.eta_s:.0f} s left"
        self._attempt.progress(share(progress), note)

    async def __aenter__(self) -> Self:
        self._writing = asyncio.create_task(self._write_now_and_then())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        if kind is None:
            await self._write()

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self._write()

    async def _write(self) -> None:
        if self._run == self._written:
            return
        run = self._run
        try:
            async with self._database.transaction() as tx:
                await store.change(tx, run, seen=run)
        except TulouError as error:  # the run itself matters more than its report
            log.warning("training_progress_not_written", run=run.id, error=str(error))
        else:
            self._written = run
