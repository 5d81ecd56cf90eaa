"""A cache on Redis, shared by every process of the house."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tulou.adapters.redis.connection import connect, refusals
from tulou.kernel.errors import InvalidError

if TYPE_CHECKING:
    from redis.asyncio import Redis


class RedisCache:
    """The cache port; its keys lie under `<prefix>:cache:`."""

    def __init__(self, client: "Redis", *, prefix: str, url: str) -> None:
        self._client = client
        self._prefix = f"{prefix}:cache:"
        self._url = url

    async def get(self, key: str) -> bytes | None:
        """GET."""
        with refusals(self._url):
            value = await self._client.get(self._prefix + key)
        return value.encode() if isinstance(value, str) else value

    async def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """SET with a time to live."""
        with refusals(self._url):
            await self._client.set(self._prefix + key, value, px=_milliseconds(ttl_s))

    async def put_if_absent(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        """SET NX."""
        with refusals(self._url):
            return bool(await self._client.set(self._prefix + key, value, px=_milliseconds(ttl_s), nx=True))

    async def add(self, key: str, amount: int, *, ttl_s: float) -> int:
        """SET NX to 0 with a time to live, then INCRBY, as one transaction."""
        from redis.exceptions import ResponseError

        name = self._prefix + key
        with refusals(self._url):
            async with self._client.pipeline(transaction=True) as steps:
                steps.set(name, 0, px=_milliseconds(ttl_s), nx=True)
                steps.incrby(name, amount)
                try:
                    return int((await steps.execute())[1])
                except ResponseError as error:
                    if "not an integer" not in str(error):
                        raise
                    raise InvalidError(f"cache key {key!r} holds a value, not a counter; use another key") from error

    async def delete(self, key: str) -> None:
        """DEL."""
        with refusals(self._url):
            await self._client.delete(self._prefix + key)

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose(close_connection_pool=True)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


@asynccontextmanager
async def open_redis_cache(url: str) -> AsyncGenerator[RedisCache]:
    """Open `redis://HOST`; a server that is down is noticed by the first call, not here."""
    client, prefix = connect(url)
    cache = RedisCache(client, prefix=prefix, url=url)
    try:
        yield cache
    finally:
        await cache.close()
