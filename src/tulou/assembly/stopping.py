"""When a process shall end: a signal, or the house is gone."""

import asyncio
import signal

from tulou.assembly.lifeline import on_release


def stop_asked(lifeline_fd: int | None) -> asyncio.Event:
    """Return an event that is set by SIGTERM, by SIGINT, and by the supervisor's letting go."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    on_release(lifeline_fd, stop.set)
    return stop
