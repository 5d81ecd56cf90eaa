"""Wait until something has become true, and say what was waited for when it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")

WITHIN_S = 120.0
"""Long, since it costs nothing where the condition comes true, and a machine may have much else to do."""


async def eventually(condition: Callable[[], T | Awaitable[T]], *, within: float = WITHIN_S) -> T:
    """Return the condition's first true value; raise `AssertionError` if there is none within so many seconds.

    The condition may be plain or a coroutine function. Its own `AssertionError` counts as "not yet".
    """
    last: object = None
    try:
        async with asyncio.timeout(within):
            while True:
                try:
                    value = await _value(condition)
                    if value:
                        return value
                    last = value
                except AssertionError as error:
                    last = error
                await asyncio.sleep(0.01)
    except TimeoutError as error:
        raise AssertionError(f"not true within {within} s; last: {last!r}") from error


async def _value(condition: Callable[[], T | Awaitable[T]]) -> T:
    value = condition()
    if isinstance(value, Awaitable):
        return await cast("Awaitable[T]", value)
    return value
