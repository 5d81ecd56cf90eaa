"""Work in a thread, which cannot be killed: who waits for it leaves when it is done, even if cancelled before."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def finished(work: Callable[[], T], *, cancelled: Callable[[], None] = lambda: None) -> T:
    """Return what *work* returns; when the caller is cancelled, *cancelled* may hasten its end, which is waited for.

    Nothing of it is left behind when this returns or raises.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        cancelled()
        while not running.done():  # even if the caller loses patience
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()
        raise
