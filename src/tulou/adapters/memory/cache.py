"""A cache in memory: the least recently used goes first when entries or bytes run over."""

from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import InvalidError

MAX_ENTRIES = 100_000
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Entry:
    value: bytes
    until: float


class MemoryCache:
    """The cache port within one process."""

    def __init__(self, *, clock: Clock, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> bytes | None:
        """Return a value that has not expired."""
        entry = self._live(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry.value

    async def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value."""
        self._keep(key, _Entry(value, self._clock.monotonic() + ttl_s))

    async def put_if_absent(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        """Keep a value unless the key is taken."""
        if self._live(key) is not None:
            return False
        await self.put(key, value, ttl_s=ttl_s)
        return True

    async def add(self, key: str, amount: int, *, ttl_s: float) -> int:
        """Add to a counter, whose life was set by its first use."""
        entry = self._live(key) or _Entry(b"0", self._clock.monotonic() + ttl_s)
        try:
            total = int(entry.value) + amount
        except ValueError as error:
            raise InvalidError(f"cache key {key!r} holds a value, not a counter; use another key") from error
        self._keep(key, _Entry(b"%d" % total, entry.until))
        return total

    async def delete(self, key: str) -> None:
        """Forget a key."""
        self._forget(key)

    async def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0

    def _live(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None and entry.until <= self._clock.monotonic():
            self._forget(key)
            return None
        return entry

    def _keep(self, key: str, entry: _Entry) -> None:
        self._forget(key)
        self._entries[key] = entry
        self._bytes += _size(key, entry)
        while self._entries and (len(self._entries) > self._max_entries or self._bytes > self._max_bytes):
            oldest, dropped = self._entries.popitem(last=False)
            self._bytes -= _size(oldest, dropped)

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(key, entry)


def _size(key: str, entry: _Entry) -> int:
    return len(key) + len(entry.value)


@asynccontextmanager
async def open_memory_cache(_: str) -> AsyncGenerator[MemoryCache]:
    """Open `memory://`."""
    cache = MemoryCache(clock=SystemClock())
    yield cache
    await cache.close()
