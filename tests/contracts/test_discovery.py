"""What discovery promises, however it is reached."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import cast

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Announce, NameReplica, Replica, ReplicaLoad, ReplicaSet, WatchReplicas
from tulou.kernel.errors import ConflictError
from tulou.services.discovery.component import COMPONENT
from tulou.services.discovery.settings import DiscoverySettings
from tulou.testing.house import SmallHouse


@pytest.fixture
async def discovery(house: SmallHouse, binding: Binding) -> AsyncGenerator[Discovery]:
    things = {DiscoverySettings: DiscoverySettings(sweep_s=0.01)}
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


def announcement(name: str, *, ttl_s: float = 60.0) -> Announce:
    replica = Replica(
        id=name,
        deployment="demo",
        generation=3,
        url="http://127.0.0.1:1",
        headers=(("authorization", "Bearer secret"),),
        weight=2.0,
    )
    return Announce(replica=replica, load=ReplicaLoad(running=2, waiting=1, cache_usage=0.5), ttl_s=ttl_s)


def watching(discovery: Discovery) -> AbstractAsyncContextManager[AsyncGenerator[ReplicaSet]]:
    return aclosing(cast("AsyncGenerator[ReplicaSet]", discovery.watch(WatchReplicas())))


def names(replicas: ReplicaSet) -> list[str]:
    return [live.replica.id for live in replicas.replicas]


async def test_what_was_announced_is_told_unchanged(discovery: Discovery) -> None:
    request = announcement("a")
    assert not (await discovery.announce(request)).draining
    live = (await discovery.replicas(WatchReplicas())).replicas[0]
    assert (live.replica, live.load, live.health) == (request.replica, request.load, "ready")


async def test_watchers_see_replicas_come_drain_and_go(discovery: Discovery) -> None:
    async with asyncio.timeout(60), watching(discovery) as sets:
        assert names(await anext(sets)) == []
        await discovery.announce(announcement("a"))
        assert names(await anext(sets)) == ["a"]
        await discovery.drain(NameReplica(id="a"))
        assert (await anext(sets)).replicas[0].health == "draining"
        assert (await discovery.announce(announcement("a"))).draining
        await discovery.withdraw(NameReplica(id="a"))
        assert names(await anext(sets)) == []


async def test_a_lease_that_is_not_renewed_ends_by_itself(discovery: Discovery, house: SmallHouse) -> None:
    async with asyncio.timeout(60), watching(discovery) as sets:
        await anext(sets)
        await discovery.announce(announcement("a", ttl_s=60.0))
        assert names(await anext(sets)) == ["a"]
        house.clock.advance(60.0)
        assert names(await anext(sets)) == []


async def test_a_withdrawn_replica_is_refused(discovery: Discovery) -> None:
    await discovery.withdraw(NameReplica(id="a"))
    with pytest.raises(ConflictError, match="replica 'a' was withdrawn; start another one under a new id"):
        await discovery.announce(announcement("a"))
