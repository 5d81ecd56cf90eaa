"""Work in a thread, which cannot be killed: a place in the engine is taken until it has ended."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def to_its_end(work: Callable[[], T]) -> T:
    """Return what `work` returns, done in a thread; a caller that is cancelled gets that when the thread has ended."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
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
