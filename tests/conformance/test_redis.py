"""Redis against the suites of cache and events, and what is particular to a server."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tulou.adapters.redis.cache import open_redis_cache
from tulou.adapters.redis.connection import connect
from tulou.adapters.redis.events import RedisEvents
from tulou.kernel.errors import UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.cache import Cache
from tulou.ports.events import Events
from tulou.testing.conformance.cache import CacheSuite
from tulou.testing.conformance.events import EventsSuite, fact, take
from tulou.testing.servers.redis import RedisServer

NOBODY = "redis://:hidden@127.0.0.1:1/0"


@pytest.fixture
def url(redis: RedisServer) -> str:
    return f"{redis.url}?prefix={new_id('house')}"


class TestRedisCache(CacheSuite):
    @pytest.fixture
    async def cache(self, url: str) -> AsyncGenerator[Cache]:
        async with open_redis_cache(url) as cache:
            yield cache

    async def test_two_houses_do_not_see_each_other(self, cache: Cache, redis: RedisServer) -> None:
        await cache.put("a", b"1", ttl_s=60)
        async with open_redis_cache(f"{redis.url}?prefix=other") as other:
            assert await other.get("a") is None

    async def test_a_server_that_crashed_is_found_again(self, cache: Cache, redis: RedisServer) -> None:
        await cache.put("a", b"1", ttl_s=60)
        await asyncio.to_thread(redis.crash)
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
            await cache.get("a")
        await asyncio.to_thread(redis.start)
        assert await cache.get("a") == b"1"

    async def test_a_server_that_is_not_there_is_named_without_its_password(self) -> None:
        async with open_redis_cache(NOBODY) as cache:
            with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1 ") as caught:
                await cache.get("a")
        assert "hidden" not in str(caught.value)


class TestRedisEvents(EventsSuite):
    @pytest.fixture
    async def events(self, url: str, redeliver_s: float) -> AsyncGenerator[Events]:
        client, prefix = connect(url)
        events = RedisEvents(client, prefix=prefix, url=url, redeliver_s=redeliver_s)
        yield events
        await events.close()

    async def test_an_entry_that_is_no_fact_is_set_aside_and_holds_up_no_other(self, events: Events, url: str) -> None:
        client, prefix = connect(url)
        stream, good = f"{prefix}:events:shop.sold", fact("shop.sold")
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            for name, value in (("fact", "{not json"), ("other", "x"), ("fact", '{"id": 5}')):
                await client.xadd(stream, {name: value})
            await events.publish([good])
            assert await take(deliveries, 1) == [good]
        assert await client.xlen(f"{stream}:aside") == 3
        assert (await client.xpending(stream, "g"))["pending"] == 0
        await client.aclose(close_connection_pool=True)

    async def test_a_subscription_outlives_a_crash_of_the_server(self, events: Events, redis: RedisServer) -> None:
        first, second = fact("shop.sold"), fact("shop.sold")
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            await events.publish([first])
            await asyncio.to_thread(redis.crash)
            with pytest.raises(UnavailableError):
                await events.publish([fact("shop.sold")])
            await asyncio.to_thread(redis.start)
            await events.publish([second])
            assert await take(deliveries, 2) == [first, second]
