"""The adapters in memory."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tulou.adapters.memory.cache import MemoryCache
from tulou.adapters.memory.events import MemoryEvents
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import UnavailableError
from tulou.ports.blobs import Blobs
from tulou.ports.cache import Cache
from tulou.ports.events import Events
from tulou.ports.secrets import Secrets
from tulou.testing.clock import ManualClock
from tulou.testing.conformance.blobs import BlobsSuite, chunks
from tulou.testing.conformance.cache import CacheSuite
from tulou.testing.conformance.events import EventsSuite, fact, take
from tulou.testing.conformance.secrets import SecretsSuite
from tulou.testing.memory.blobs import MemoryBlobs
from tulou.testing.memory.secrets import MemorySecrets


class TestMemoryCache(CacheSuite):
    @pytest.fixture
    def cache(self) -> Cache:
        return MemoryCache(clock=SystemClock())

    async def test_the_least_recently_used_goes_when_there_are_too_many(self) -> None:
        cache = MemoryCache(clock=ManualClock(), max_entries=2)
        await cache.put("a", b"1", ttl_s=9)
        await cache.put("b", b"2", ttl_s=9)
        assert await cache.get("a") == b"1"
        await cache.put("c", b"3", ttl_s=9)
        assert [await cache.get(key) for key in "abc"] == [b"1", None, b"3"]

    async def test_bytes_are_capped_too(self) -> None:
        cache = MemoryCache(clock=ManualClock(), max_bytes=10)
        await cache.put("a", b"12345678", ttl_s=9)
        await cache.put("b", b"12345678", ttl_s=9)
        assert [await cache.get(key) for key in "ab"] == [None, b"12345678"]
        await cache.put("c", b"larger than all of it", ttl_s=9)
        assert [await cache.get(key) for key in "abc"] == [None, None, None]

    async def test_time_is_the_clocks(self) -> None:
        clock = ManualClock()
        cache = MemoryCache(clock=clock)
        await cache.put("a", b"1", ttl_s=9)
        clock.advance(8.9)
        assert await cache.get("a") == b"1"
        clock.advance(0.1)
        assert await cache.get("a") is None


class TestMemoryEvents(EventsSuite):
    @pytest.fixture
    async def events(self, redeliver_s: float) -> AsyncGenerator[Events]:
        events = MemoryEvents(clock=SystemClock(), redeliver_s=redeliver_s)
        yield events
        await events.close()

    async def test_a_publisher_waits_for_a_slow_group_but_not_for_ever(self) -> None:
        events = MemoryEvents(clock=SystemClock(), capacity=2, publish_s=0.05)
        async with events.subscribe(["shop.sold"], group="slow") as deliveries:
            await events.publish([fact("shop.sold"), fact("shop.sold")])
            with pytest.raises(UnavailableError, match="'slow'"):
                await events.publish([fact("shop.sold")])
            waiting = asyncio.create_task(MemoryEvents.publish(events, [fact("shop.sold")]))
            await take(deliveries, 3)
            await waiting

    async def test_a_group_without_members_keeps_only_the_newest(self) -> None:
        events = MemoryEvents(clock=SystemClock(), capacity=2)
        async with events.subscribe(["shop.sold"], group="g"):
            pass
        facts = [fact("shop.sold") for _ in range(3)]
        await events.publish(facts)
        async with events.subscribe(["shop.sold"], group="g") as deliveries:
            assert await take(deliveries, 2) == facts[1:]


class TestMemoryBlobs(BlobsSuite):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return MemoryBlobs()

    async def test_memory_is_capped(self) -> None:
        blobs = MemoryBlobs(max_bytes=3)
        with pytest.raises(UnavailableError, match="file://"):
            await blobs.put("a", chunks(b"ab", b"cd"))
        assert await blobs.find("a") is None


class TestMemorySecrets(SecretsSuite):
    @pytest.fixture
    def secrets(self) -> Secrets:
        return MemorySecrets()
