"""What every cache adapter must do."""

# ruff: noqa: S101, D102 - a suite of tests, whose names are sentences

import asyncio

import pytest

from tulou.kernel.errors import InvalidError
from tulou.ports.cache import Cache
from tulou.testing.eventually import eventually

LONG_S = 60.0
SHORT_S = 0.05


class CacheSuite:
    """Needs the fixture `cache` (empty, on a clock that runs)."""

    async def test_a_value_is_kept_and_forgotten(self, cache: Cache) -> None:
        await cache.put("a", b"\x00\xff", ttl_s=LONG_S)
        assert await cache.get("a") == b"\x00\xff"
        await cache.put("a", b"", ttl_s=LONG_S)
        assert await cache.get("a") == b""
        await cache.delete("a")
        await cache.delete("a")
        assert await cache.get("a") is None

    async def test_a_value_expires(self, cache: Cache) -> None:
        await cache.put("a", b"1", ttl_s=SHORT_S)

        async def gone() -> bool:
            return await cache.get("a") is None

        await eventually(gone)

    async def test_only_the_first_takes_a_free_key(self, cache: Cache) -> None:
        taken = await asyncio.gather(*(cache.put_if_absent("a", b"%d" % n, ttl_s=LONG_S) for n in range(10)))
        assert sum(taken) == 1
        assert await cache.get("a") == b"%d" % taken.index(True)

    async def test_an_expired_key_is_free_again(self, cache: Cache) -> None:
        assert await cache.put_if_absent("a", b"1", ttl_s=SHORT_S)

        async def free() -> bool:
            return await cache.put_if_absent("a", b"2", ttl_s=LONG_S)

        await eventually(free)
        assert await cache.get("a") == b"2"

    async def test_a_counter_adds_up_over_callers_that_come_together(self, cache: Cache) -> None:
        sums = await asyncio.gather(*(cache.add("n", 2, ttl_s=LONG_S) for _ in range(50)))
        assert sorted(sums) == list(range(2, 101, 2))
        assert await cache.add("n", -100, ttl_s=LONG_S) == 0

    async def test_a_counter_lives_from_its_first_use(self, cache: Cache) -> None:
        await cache.add("n", 1, ttl_s=SHORT_S)

        async def begins_anew() -> bool:
            return await cache.add("n", 1, ttl_s=LONG_S) == 1

        await eventually(begins_anew)

    async def test_a_value_cannot_be_counted(self, cache: Cache) -> None:
        await cache.put("a", b"text", ttl_s=LONG_S)
        with pytest.raises(InvalidError, match="'a'"):
            await cache.add("a", 1, ttl_s=LONG_S)
        assert await cache.get("a") == b"text"
