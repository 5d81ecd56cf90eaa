"""One process that the supervisor keeps running."""

import asyncio

import structlog

from tulou.assembly.failures import HOPELESS, start_failure
from tulou.assembly.life import Program, ProgramRun
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError, UnavailableError

log = structlog.get_logger()

BACKOFF_S = 0.1
BACKOFF_MAX_S = 10.0
"""The longest pause before a process is tried again that ended before it served; one that served has none to wait."""
GIVE_UP_S = 10.0
"""How long a process that has never served is tried again after its first failure: a database may be a little late."""
NOT_STARTED = 71
"""`EX_OSERR` of sysexits.h: the system would not start the process."""


class Child:
    """Starts a program, and again whenever it ends unasked or hangs; with growing pauses while it does not serve."""

    def __init__(self, program: Program, *, clock: Clock, give_up_s: float = GIVE_UP_S) -> None:
        self.name = program.name
        self.stood = asyncio.Event()
        self.serves = False
        self._program = program
        self._clock = clock
        self._give_up_s = give_up_s
        self._patience = asyncio.timeout(None)
        self._life: ProgramRun | None = None
        self._failure: TulouError = UnavailableError(f"{program.name} has not started")
        self._stopping = False

    @property
    def last_pid(self) -> int | None:
        """The process that runs now, or ran last."""
        return self._life.pid if self._life else None

    async def run(self) -> None:
        """Keep the process running until `stop`; raise what it failed of if it never came to serve."""
        try:
            async with self._patience:
                await self._keep_running()
        except TimeoutError:
            if self._life is not None:
                await self._life.stop(within_s=0)
            raise self._failure from None

    async def stop(self, *, within_s: float) -> None:
        """Ask the process to end, and make it end when time is over."""
        self._stopping = True
        if self._life is not None:
            await self._life.stop(within_s=within_s)

    def tick(self, seconds: float) -> None:
        """Count time in which the process could have been heard."""
        if self._life is not None and not self._stopping:
            self._life.tick(seconds)

    def forgive(self) -> None:
        """Hold no silence against the process: nobody listened."""
        if self._life is not None:
            self._life.forgive()

    async def _keep_running(self) -> None:
        pause = BACKOFF_S
        while not self._stopping:
            began, self.serves = self._clock.monotonic(), False
            code, printed = await self._once()
            if self._stopping:
                return
            if not self.stood.is_set():
                self._note_failure(code, printed)
            pause = BACKOFF_S if self.serves else min(pause * 2, BACKOFF_MAX_S)
            lived_s = round(self._clock.monotonic() - began, 1)
            log.warning("process_ended", child=self.name, exit_code=code, lived_s=lived_s, restart_in_s=pause)
            await asyncio.sleep(pause)

    async def _once(self) -> tuple[int, str]:
        """Return the exit code of one run, and the end of what it printed."""
        try:
            self._life = await ProgramRun.begin(self._program, stood=self._note_stood)
        except OSError as error:
            return NOT_STARTED, f"the system would not start it: {error}"
        if self._stopping:
            self._life.kill()
        return await self._life.ended(), self._program.last_output()

    def _note_stood(self) -> None:
        self.serves = True
        if not self.stood.is_set() and not self._patience.expired():
            self.stood.set()
            self._patience.reschedule(None)

    def _note_failure(self, code: int, printed: str) -> None:
        """Raise at once what another try would not change; else begin to lose patience."""
        self._failure = start_failure(self.name, code, printed, self._program.output)
        if code in HOPELESS:
            raise self._failure
        if self._patience.when() is None:
            self._patience.reschedule(asyncio.get_running_loop().time() + self._give_up_s)
