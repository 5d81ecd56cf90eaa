"""A tenant's conversations are loaded one at a time, and it has one large one in work: others' go on meanwhile."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tulou.services.gateway.http.responses.loading import Loading
from tulou.services.gateway.refusals import TenantShareError

LARGE, SMALL = b"x" * 200, b"x" * 20


def turns(wait_s: float = 10.0) -> Loading:
    return Loading(wait_s=wait_s, large_bytes=100)


class Work:
    """Requests that load a conversation and have it until they are told to end."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        self.loads: list[str] = []
        self.has: list[str] = []
        self.end: dict[str, asyncio.Event] = {}

    async def request(self, name: str, whole: bytes, tenant: str = "red") -> None:
        self.end[name] = asyncio.Event()

        async def make() -> bytes:
            self.loads.append(name)
            await asyncio.sleep(0)
            return whole

        async with AsyncExitStack() as until_over:
            assert await self._loading.load(tenant, make, beside=10, until_over=until_over) == whole
            self.has.append(name)
            await self.end[name].wait()
        self.has.remove(name)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_tenants_second_load_waits_and_anothers_first_does_not() -> None:
    loading, begun, go = turns(), list[str](), asyncio.Event()

    async def load(tenant: str) -> None:
        async def make() -> bytes:
            begun.append(tenant)
            await go.wait()
            return SMALL

        async with AsyncExitStack() as until_over:
            await loading.load(tenant, make, beside=10, until_over=until_over)

    async with asyncio.TaskGroup() as tasks:
        for tenant in ("red", "red", "blue"):
            tasks.create_task(load(tenant))
        await settle()
        assert begun == ["red", "blue"]
        go.set()
    assert len(begun) == 3


async def test_a_tenant_has_one_large_conversation_in_work_and_small_ones_beside_it() -> None:
    work = Work(turns())
    async with asyncio.TaskGroup() as tasks:
        for name, whole in (("first", LARGE), ("second", LARGE), ("small", SMALL)):
            tasks.create_task(work.request(name, whole))
            await settle()
        tasks.create_task(work.request("other's", LARGE, "blue"))
        await settle()
        assert work.has == ["first", "small", "other's"]
        work.end["first"].set()
        await settle()
        assert work.has == ["small", "other's", "second"]
        for end in work.end.values():
            end.set()
    assert work.loads.count("second") == 2, "what waited was not in memory meanwhile"


async def test_a_large_conversation_whose_turn_does_not_come_is_refused_and_holds_nothing() -> None:
    work = Work(turns(wait_s=0.0))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work.request("first", LARGE))
        await settle()
        with pytest.raises(TenantShareError, match="another large conversation"):
            await work.request("second", LARGE)
        work.end["first"].set()
        await settle()
        tasks.create_task(work.request("third", LARGE))
        await settle()
        assert work.has == ["third"]
        work.end["third"].set()
