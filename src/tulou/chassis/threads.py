"""Work in a thread, which cannot be killed: who waits for it leaves when it has ended, even if cancelled before."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

TURN_S = 0.001
"""After so long a thread that computes lets in another one that waits for the interpreter; it would be 5 ms."""


def let_the_loop_in() -> None:
    """Have a loop wait for a thread beside it for a millisecond each time, so that work there holds up nobody.

    Nothing changes where no other thread computes.
    """
    sys.setswitchinterval(TURN_S)


async def to_its_end(work: Callable[P, T], /, *args: P.args, **named: P.kwargs) -> T:
    """Return what `work` returns, done in a thread; a caller that is cancelled gets that when the thread has ended.

    So whatever bounds how much is done at a time (a semaphore, a place) is held as long as it is done.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **named))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():  # whoever loses patience and cancels once more
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # nobody else asks for it
        raise
    finally:
        del running  # an error knows this frame: the two would hold on to each other, and to all that was worked on
