"""One process of the supervisor's, from its start to its exit, watched from its first beat on."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil
import structlog

from tulou.assembly.environment import HEARTBEAT_FD
from tulou.assembly.heartbeat import STACKS
from tulou.assembly.watchdog import ProcessPulse, look_at

log = structlog.get_logger()

STACKS_WITHIN_S = 0.5
LAST_BYTES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is started: `hung_s` seconds of silence mean that it hangs, 0 that it is not watched."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    fds: Sequence[int]
    output: Path
    hung_s: float

    def last_output(self) -> str:
        """Return the end of what the process printed outside its log."""
        try:
            return self.output.read_text("utf-8", "replace")[-LAST_BYTES:].strip()
        except OSError:
            return ""


class ProgramRun:
    """One run of a program."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process, pulse: ProcessPulse) -> None:
        self._program = program
        self._process = process
        self._pulse = pulse
        self._killing: asyncio.Task[None] | None = None

    @classmethod
    async def begin(cls, program: Program, *, stood: Callable[[], None]) -> Self:
        """Start the process; `stood` is called once it serves. Raise `OSError` if the system does not let us."""
        pulse = ProcessPulse(hung_s=program.hung_s)
        try:
            with program.output.open("wb") as output:
                process = await asyncio.create_subprocess_exec(
                    *program.command,
                    env={**program.environment, HEARTBEAT_FD: str(pulse.theirs)},
                    pass_fds=(*program.fds, pulse.theirs),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
        except OSError:
            pulse.close()
            raise
        finally:
            pulse.let_go()
        pulse.listen(stood)
        log.info("process_started", child=program.name, pid=process.pid)
        return cls(program, process, pulse)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    async def ended(self) -> int:
        """Wait for the end; return the exit code, or the negative number of a signal."""
        try:
            return await self._process.wait()
        finally:
            self._pulse.close()
            if self._killing is not None:
                self._killing.cancel()

    async def stop(self, *, within_s: float) -> None:
        """Ask the process to end, and make it end when time is over."""
        if self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(within_s):
                await self._process.wait()
        except TimeoutError:
            log.warning("process_killed", child=self._program.name, after_s=within_s)
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End the process at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def tick(self, seconds: float) -> None:
        """Count time in which the process could have been heard; end it once it has been silent for too long."""
        if self._process.returncode is not None or self._killing is not None:
            return
        self._pulse.tick(self.pid, seconds)
        if self._pulse.state == "hung":
            self._killing = asyncio.create_task(self._end_hung())

    def forgive(self) -> None:
        """Hold no silence against the process: nobody listened."""
        self._pulse.forgive()

    async def _end_hung(self) -> None:
        """Let the process say where it is, as far as it can, then end it."""
        state = look_at(self.pid).status
        printed = len(self._program.last_output())
        stacks = ""
        if state != psutil.STATUS_STOPPED:
            with suppress(ProcessLookupError):
                self._process.send_signal(STACKS)
            await asyncio.sleep(STACKS_WITHIN_S)
            stacks = self._program.last_output()[printed:].strip()
        silent_s = round(self._pulse.silent_s, 1)
        log.error("process_hung", child=self._program.name, silent_s=silent_s, state=state, stacks=stacks)
        self.kill()
