"""A value that many watch: each watcher gets the newest there is, and never a queue of old ones."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

from tulou.kernel.errors import LimitedError

T = TypeVar("T")


class Newest(Generic[T]):
    """Hold one value; wake whoever watches when another takes its place. Memory does not grow with slow watchers."""

    def __init__(self, name: str, *, watchers: int) -> None:
        self._name = name
        self._most = watchers
        self._watching = 0
        self._value: T | None = None
        self._times = 0
        self._changed = asyncio.Event()

    @property
    def value(self) -> T | None:
        """What was published last; None before the first time."""
        return self._value

    def publish(self, value: T) -> None:
        """Put a value in the place of the one before."""
        self._value = value
        self._times += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def first(self) -> T:
        """Return the value, waiting until there is one."""
        while self._value is None:
            await self._changed.wait()
        return self._value

    async def watch(self) -> AsyncGenerator[T, None]:
        """Yield the value, then again after every change; raise `LimitedError` for one watcher too many."""
        if self._watching >= self._most:
            raise LimitedError(f"{self._name}: {self._most} watch it already; close one, or raise `watchers`")
        self._watching += 1
        seen = 0
        try:
            while True:
                while self._times == seen:
                    await self._changed.wait()
                seen = self._times
                yield await self.first()
        finally:
            self._watching -= 1
