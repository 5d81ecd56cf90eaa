"""Hedging: a second call when the first is slow; the first answer wins, and the other call is ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer
from tulou.services.gateway.stack.failure import AttemptFailedError


async def hedged(
    attempt: Callable[[Backend], Awaitable[Answer]],
    first: Backend,
    second: Callable[[], Backend | None],
    *,
    after_s: float,
) -> Answer:
    """Return the first good answer; raise the last failure. A failure of the first starts the second at once."""
    running = {asyncio.ensure_future(attempt(first))}
    others = True
    failure: AttemptFailedError | None = None
    try:
        while running:
            timeout = after_s if others else None
            done, running = await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                try:
                    return task.result()
                except AttemptFailedError as error:
                    failure = error
            if others and (backend := second()) is not None:
                running.add(asyncio.ensure_future(attempt(backend)))
            others = False
    finally:
        for task in running:
            await _end(task)
    if failure is None:
        raise AttemptFailedError("bad_answer", "no attempt was made")
    raise failure


async def _end(task: "asyncio.Future[Answer]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        (await task).close()
