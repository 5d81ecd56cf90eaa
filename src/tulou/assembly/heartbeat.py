"""A sign of life from the event loop of a process: to the supervisor over a pipe, and to systemd where it asks.

What beats is a timer of the loop that serves: a loop that is stuck, a deadlock and a stopped process all fall silent,
and a process that is merely busy does not.
"""

import asyncio
import faulthandler
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.systemd import Systemd

BEAT_S = 1.0
BEAT = b"."
STACKS = signal.SIGUSR1
"""Makes a process that beats write the stacks of its threads to standard error, also while its loop is stuck."""


@asynccontextmanager
async def beating(around: ProcessEnvironment) -> AsyncGenerator[None]:
    """Beat for as long as the block runs; a process is watched from its first beat on, so not while it starts."""
    systemd = Systemd(around.environment)
    with suppress(RuntimeError, OSError, AttributeError):  # no standard error, or a system without signals
        faulthandler.register(STACKS, all_threads=True)
    task = asyncio.create_task(_beat(around.heartbeat_fd, systemd))
    systemd.ready()
    try:
        yield
    finally:
        task.cancel()
        systemd.stopping()


async def _beat(pipe: int | None, systemd: Systemd) -> None:
    if pipe is not None:
        os.set_blocking(pipe, False)
    while True:
        if pipe is not None:
            with suppress(OSError):  # full: nobody has read it for hours; broken: nobody will
                os.write(pipe, BEAT)
        systemd.beat()
        await asyncio.sleep(BEAT_S)
