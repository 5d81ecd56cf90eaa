"""Hedging: a second call when the first is slow; the first answer wins, and the other call is ended."""

import asyncio
from collections.abc import Awaitable, Callable

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
    """Return the first good answer; raise the last failure.

    A failure of the first starts the second at once, unless it is a time-out that is charged for.
    """
    tasks = [asyncio.ensure_future(attempt(first))]
    running = set(tasks)
    winner: asyncio.Future[Answer] | None = None
    failure: AttemptFailedError | None = None
    try:
        while running:
            timeout = after_s if len(tasks) == 1 else None
            done, running = await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if not isinstance(error := task.exception(), AttemptFailedError):
                    winner = task
                    return task.result()
                failure = error
            spent = failure is not None and failure.charged
            if len(tasks) == 1 and not spent and (backend := second()) is not None:
                tasks.append(asyncio.ensure_future(attempt(backend)))
                running.add(tasks[-1])
    finally:
        try:
            for task in tasks:
                if task is not winner:
                    await _end(task)
        except BaseException:
            if winner is not None:
                _close(winner)  # nobody gets it
            raise
    if failure is None:
        raise AttemptFailedError("bad_answer", "no attempt was made")
    raise failure


async def _end(task: "asyncio.Future[Answer]") -> None:
    """End an attempt and wait until it has; an answer that it gives all the same is closed, also by who cannot wait."""
    task.add_done_callback(_close)
    task.cancel()
    await asyncio.wait((task,))


def _close(task: "asyncio.Future[Answer]") -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()
