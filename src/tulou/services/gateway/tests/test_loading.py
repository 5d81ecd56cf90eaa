"""A tenant loads one conversation at a time, and has as many as its share of memory takes: others' go on meanwhile."""

import asyncio
from typing import Any

import pytest

from tulou.services.gateway.http.responses.loading import COUNTED, LARGE_BYTES, MOST_KNOWN, ConversationLoads
from tulou.services.gateway.refusals import OverloadedError, TenantShareError
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.test_turnstile import turnstile
from tulou.services.gateway.turnstile import Turnstile

MIB = 1024 * 1024
BESIDE = 10
SMALL = b"x" * 20


def entrance(settings: GatewaySettings) -> Turnstile:
    return turnstile(bodies_bytes=settings.bodies_bytes, tenant_share=settings.tenant_share)


class Work:
    """Requests that load a conversation and have it until they are told to end."""

    def __init__(self, *, large_bytes: int = LARGE_BYTES, **settings: Any) -> None:
        told = GatewaySettings(**settings)
        self.turnstile = entrance(told)
        self.loading = ConversationLoads(self.turnstile, told, large_bytes=large_bytes)
        self.loads: list[str] = []
        self.has: list[str] = []
        self.end: dict[str, asyncio.Event] = {}
        self.go = asyncio.Event()
        self.go.set()

    async def request(self, name: str, size: int, tenant: str = "red", *, previous: str = "") -> None:
        self.end[name] = asyncio.Event()

        async def make() -> bytes:
            self.loads.append(name)
            await self.go.wait()
            return bytes(size)

        whole, held = await self.loading.load(tenant, make, beside=BESIDE, name=previous)
        with held:
            assert len(whole) == size
            self.has.append(name)
            try:
                await self.end[name].wait()
            finally:
                self.has.remove(name)

    def finish(self) -> None:
        for end in self.end.values():
            end.set()


def few(**settings: Any) -> Work:
    """Return work of which a tenant has one conversation of 200 bytes at a time, and any number of 20."""
    return Work(large_bytes=100, bodies_bytes=2000, **settings)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_tenants_second_load_waits_and_anothers_first_does_not() -> None:
    work = few()
    work.go.clear()
    async with asyncio.TaskGroup() as tasks:
        for name, tenant in (("first", "red"), ("second", "red"), ("other's", "blue")):
            tasks.create_task(work.request(name, 20, tenant))
        await settle()
        assert work.loads == ["first", "other's"]
        work.go.set()
        await settle()
        work.finish()
    assert len(work.loads) == 3


@pytest.mark.parametrize(("size", "at_once"), [(3 * MIB // 2, 7), (4 * MIB, 2), (8 * MIB, 1), (10 * MIB, 1)])
async def test_a_tenant_has_as_many_conversations_as_its_share_of_memory_takes(size: int, at_once: int) -> None:
    work = Work()
    async with asyncio.TaskGroup() as tasks:
        for number in range(at_once + 2):
            tasks.create_task(work.request(f"{number}", size + BESIDE))
        tasks.create_task(work.request("other's", size + BESIDE, "blue"))
        await settle()
        assert set(work.has) == {"other's", *map(str, range(at_once))}
        assert work.turnstile.bytes == COUNTED * size * (at_once + 1)
        work.finish()
        await settle()
    assert work.turnstile.bytes == 0


async def test_what_waits_is_not_in_memory_and_small_ones_go_on_beside_it() -> None:
    work = few()
    async with asyncio.TaskGroup() as tasks:
        for name, size in (("first", 200), ("second", 200), ("small", 20)):
            tasks.create_task(work.request(name, size))
            await settle()
        assert work.has == ["first", "small"]
        work.end["first"].set()
        await settle()
        assert work.has == ["small", "second"]
        work.finish()
    assert work.loads == ["first", "second", "small", "second"]


async def test_one_whose_size_is_known_is_loaded_once_however_long_it_waits() -> None:
    work = few()
    work.loading.learn("red", "resp_1", 200)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work.request("first", 200, previous="resp_1"))
        await settle()
        for name in ("second", "third"):
            tasks.create_task(work.request(name, 200, previous="resp_1"))
        tasks.create_task(work.request("other's", 200, "blue", previous="resp_1"))
        await settle()
        assert work.loads == ["first", "other's"]
        for name in ("first", "second"):
            work.end[name].set()
            await settle()
        work.finish()
    assert work.loads == ["first", "other's", "second", "third"]
    assert work.turnstile.bytes == 0


async def test_the_size_of_one_that_was_loaded_is_known_from_then_on() -> None:
    work = few()
    async with asyncio.TaskGroup() as tasks:
        for name in ("first", "second", "third"):
            tasks.create_task(work.request(name, 200, previous="resp_1"))
            await settle()
            if name == "first":
                assert work.loads == ["first"]
        work.finish()
    assert work.loads == ["first", "second", "third"]


async def test_sizes_of_few_conversations_are_remembered_and_of_small_ones_none() -> None:
    work = few()
    work.loading.learn("red", "small", 20)
    for number in range(MOST_KNOWN + 1):
        work.loading.learn("red", f"resp_{number}", 200)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work.request("first", 200))
        await settle()
        for name in ("small", "resp_0", f"resp_{MOST_KNOWN}"):
            tasks.create_task(work.request(name, 20, previous=name))
        await settle()
        assert work.loads == ["first", "small", "resp_0"], "the last is known to be large, and waits"
        work.finish()


async def test_a_conversation_that_finds_no_room_in_time_is_refused_and_holds_nothing() -> None:
    work = few(queue_s=0.0)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work.request("first", 200))
        await settle()
        with pytest.raises(TenantShareError, match="waits up to 0 s for others of its tenant"):
            await work.request("second", 200)
        work.end["first"].set()
        await settle()
        tasks.create_task(work.request("third", 200))
        await settle()
        assert work.has == ["third"]
        work.end["third"].set()
    assert work.turnstile.bytes == 0


async def test_nobody_waits_to_load_for_longer_than_for_a_turn_in_the_queue() -> None:
    work = few(queue_s=0.0)
    work.go.clear()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work.request("first", 20))
        await settle()
        with pytest.raises(TenantShareError):
            await work.request("second", 20)
        assert work.loads == ["first"]
        work.go.set()
        await settle()
        work.finish()


async def test_as_many_of_a_tenant_wait_as_may_and_others_are_refused_at_once() -> None:
    work = few(queue=4, tenant_share=0.5)
    work.go.clear()
    async with asyncio.TaskGroup() as tasks:
        for name in ("first", "second", "third"):
            tasks.create_task(work.request(name, 20))
        await settle()
        with pytest.raises(TenantShareError, match="2 wait already"):
            await work.request("fourth", 20)
        work.go.set()
        await settle()
        assert work.has == ["first", "second", "third"]
        work.finish()


@pytest.mark.parametrize("given_up", [("second",), ("third",), ("second", "third")])
async def test_who_leaves_while_waiting_leaves_nothing_behind(given_up: tuple[str, ...]) -> None:
    work = few()
    tasks = {name: asyncio.create_task(work.request(name, 200)) for name in ("first", "second", "third")}
    await settle()
    assert work.has == ["first"]
    for name in given_up:
        tasks[name].cancel()
    work.end["first"].set()  # in the same turn of the loop
    await settle()
    assert work.has == [name for name in ("second", "third") if name not in given_up][:1]
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    assert work.turnstile.bytes == 0
    again = asyncio.create_task(work.request("again", 200))
    await settle()
    assert work.has == ["again"]
    work.finish()
    await again


async def test_what_finds_no_room_among_the_bodies_gives_its_own_back() -> None:
    work = few()
    work.turnstile.carry(900, "red")
    for _ in range(3):
        with pytest.raises(OverloadedError):
            await work.request("first", 200)
    work.turnstile.drop(900, "red")
    again = asyncio.create_task(work.request("again", 200))
    await settle()
    assert work.has == ["again"]
    work.finish()
    await again
