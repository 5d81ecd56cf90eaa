"""One process, ours or taken over: its signals, its end, and its exit code where it can be known."""

import asyncio
import os
import signal
from contextlib import suppress

from tulou.adapters.process.birth import birth

UNKNOWN_EXIT = 255
POLL_S = 0.1


class WorkerProcess:
    """A process that leads a session of its own, started by this process or by one before it."""

    def __init__(self, pid: int, born: str | None) -> None:
        self._pid = pid
        self._birth = born

    async def ended(self) -> int:
        """Wait for the end, end what it left running in its session, and return the exit code."""
        try:
            fd = os.pidfd_open(self._pid)
        except ProcessLookupError:
            return self._settle()
        except (OSError, AttributeError):  # an old kernel, another system, or a sandbox
            return await self._poll()
        try:
            if self._is_there():  # or else it ended, and its number may be another's now
                await _readable(fd)
        finally:
            os.close(fd)
        return self._settle()

    def ask_to_end(self) -> None:
        """Send SIGTERM to the worker, who ends its own children in order."""
        if self._is_there():
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to the worker and all it started."""
        if self._is_there():
            self._kill_session()

    def _is_there(self) -> bool:
        return self._birth is not None and birth(self._pid) == self._birth

    def _settle(self) -> int:
        """Clean up after the end. A child is reaped last: until then nobody else can get its number."""
        if birth(self._pid) is None:
            self._kill_session()
        try:
            _, status = os.waitpid(self._pid, os.WNOHANG)
        except ChildProcessError:  # not ours: its parent reaps it, and only its parent is told how it ended
            return UNKNOWN_EXIT
        return os.waitstatus_to_exitcode(status)

    def _kill_session(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)

    async def _poll(self) -> int:
        while self._is_there():  # noqa: ASYNC110 - the system tells nobody but the parent
            await asyncio.sleep(POLL_S)
        return self._settle()


async def _readable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(fd, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(fd)
