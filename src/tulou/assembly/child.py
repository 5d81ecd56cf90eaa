"""One process that the supervisor keeps running."""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from tulou.kernel.clock import Clock

log = structlog.get_logger()

BACKOFF_S = 0.1
BACKOFF_MAX_S = 10.0
STABLE_S = 30.0
"""A process that lived this long did not fail at its start, so it is started again without a wait."""


class Child:
    """Starts `tulou run TARGET`, and starts it again with growing pauses whenever it ends unasked."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        fds: Sequence[int],
        log_file: Path,
        clock: Clock,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._arguments = [sys.executable, "-m", "tulou", "run", *arguments]
        self._environment = dict(environment)
        self._fds = tuple(fds)
        self._log_file = log_file
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def last_pid(self) -> int | None:
        """The process that runs now, or ran last."""
        return self._process.pid if self._process else None

    async def run(self) -> None:
        """Keep the process running until `stop`."""
        pause = BACKOFF_S
        while not self._stopping:
            began = self._clock.monotonic()
            code = await self._once()
            if self._stopping:
                return
            lived = self._clock.monotonic() - began
            pause = BACKOFF_S if lived > STABLE_S else min(pause * 2, BACKOFF_MAX_S)
            self.restarts += 1
            log.warning("process_ended", process=self.name, exit_code=code, lived_s=round(lived, 1), restart_in_s=pause)
            await asyncio.sleep(pause)

    async def stop(self, *, within_s: float) -> None:
        """Ask the process to end, and make it end when time is over."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(within_s):
                await process.wait()
        except TimeoutError:
            log.warning("process_killed", process=self.name, after_s=within_s)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def last_words(self) -> str:
        """Return the end of what the process printed outside its log."""
        try:
            return self._log_file.read_text("utf-8", "replace")[-2000:].strip()
        except OSError:
            return ""

    async def _once(self) -> int:
        with self._log_file.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._arguments,
                env=self._environment,
                pass_fds=self._fds,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        log.info("process_started", process=self.name, pid=self._process.pid)
        return await self._process.wait()
