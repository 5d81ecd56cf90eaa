"""The confinement port, made real: a child of this process that takes its bounds before it reads anything.

These are bounds of time, memory and files, and no sandbox: the child is the same user and could read what this may.
"""

import asyncio
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress

from tulou.kernel.environment import without_secrets
from tulou.kernel.errors import DeadlineError, UnavailableError
from tulou.ports.confinement import ProcessBounds, ProcessEnd

CONFINED = "tulou.adapters.process.confined"
OUTPUT_CAP = 16 * 1024 * 1024
LOG_CAP = 256 * 1024
PIECE = 64 * 1024
GONE_S = 5.0
QUIET: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    "GGML_NO_BACKTRACE": "1",
}
"""One thread each, and no debugger beside what llama.cpp breaks in."""


class ConfinedProcesses:
    """Starts a child for each module."""

    def __init__(self, *, python: str = sys.executable) -> None:
        self._python = python

    async def run(self, module: str, *arguments: str, given: bytes = b"", bounds: ProcessBounds) -> ProcessEnd:
        """Run a module to its end, and end it sooner when nobody waits any more."""
        limits = (str(bounds.cpu_s), str(bounds.memory), str(bounds.wall_s))
        command = (self._python, "-m", CONFINED, *limits, module, *arguments)
        environment = {**without_secrets(os.environ), **QUIET}
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
            )
        except OSError as error:
            raise UnavailableError(f"no process can be started to look at the file: {error.strerror}") from error
        try:
            async with asyncio.timeout(bounds.wall_s):
                return await _ended(process, given)
        except TimeoutError:
            raise DeadlineError(f"not done within {bounds.wall_s} s") from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and what it has started, though it has ended itself
            await asyncio.shield(_gone(process))


async def _ended(process: Process, given: bytes) -> ProcessEnd:
    assert process.stdin is not None  # noqa: S101 # all three were asked for
    assert process.stdout is not None  # noqa: S101 # the same
    assert process.stderr is not None  # noqa: S101 # the same
    _, output, log = await asyncio.gather(
        _give(process.stdin, given), _read(process.stdout, OUTPUT_CAP), _read(process.stderr, LOG_CAP)
    )
    return ProcessEnd(code=await process.wait(), output=output, log=log.decode(errors="replace"))


async def _gone(process: Process) -> None:
    """Wait for the end of what was killed: without it a process would stay as a zombie, and its pipes open."""
    with suppress(TimeoutError):  # one that has left its session may hold them for ever
        async with asyncio.timeout(GONE_S):
            await asyncio.gather(*(_drained(stream) for stream in (process.stdout, process.stderr) if stream))
            await process.wait()


async def _drained(stream: StreamReader) -> None:
    while await stream.read(PIECE):
        pass


async def _give(stream: StreamWriter, given: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # it may end before it has read
        stream.write(given)
        await stream.drain()
    stream.close()


async def _read(stream: StreamReader, most: int) -> bytes:
    """Return the first and the last of what is written, and let the writer go on meanwhile."""
    first, last = bytearray(), bytearray()
    while piece := await stream.read(PIECE):
        room = most - len(first)
        first += piece[:room]
        last += piece[room:]
        del last[:-PIECE]
    return bytes(first + last)
