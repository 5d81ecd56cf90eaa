"""A tenant's conversations are loaded two at a time, and others' meanwhile."""

import asyncio

from tulou.services.gateway.http.responses.loading import LoadingTurns


async def test_one_tenants_second_conversation_waits_and_anothers_first_does_not() -> None:
    turns, loaded = LoadingTurns(), list[str]()
    go = asyncio.Event()

    async def load(tenant: str) -> None:
        async with turns.of(tenant):
            loaded.append(tenant)
            await go.wait()

    async with asyncio.TaskGroup() as tasks:
        for tenant in ("red", "red", "blue"):
            tasks.create_task(load(tenant))
        await asyncio.sleep(0)
        assert loaded == ["red", "blue"]
        go.set()
    assert len(loaded) == 3
    assert len(vars(turns)["_turns"]) == 0
