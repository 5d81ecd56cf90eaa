"""Leases come, are renewed, drain, end, and do not come back once withdrawn."""

import asyncio
from contextlib import aclosing

import pytest

from tulou.contracts.discovery.messages import Announce, NameReplica, Replica, ReplicaLoad, WatchReplicas
from tulou.kernel.errors import ConflictError, LimitedError
from tulou.services.discovery.service import LeasedDiscovery
from tulou.services.discovery.settings import DiscoverySettings
from tulou.testing.clock import ManualClock

ALL = WatchReplicas()


def open_discovery(clock: ManualClock, **settings: int) -> LeasedDiscovery:
    return LeasedDiscovery(clock=clock, settings=DiscoverySettings(**settings))


def announcement(name: str, *, url: str = "http://127.0.0.1:1", running: int = 0, ttl_s: float = 2.0) -> Announce:
    replica = Replica(id=name, deployment="demo", generation=1, url=url)
    return Announce(replica=replica, load=ReplicaLoad(running=running), ttl_s=ttl_s)


async def names(discovery: LeasedDiscovery) -> list[str]:
    return [live.replica.id for live in (await discovery.replicas(ALL)).replicas]


async def test_a_replica_is_there_from_its_first_announcement_on() -> None:
    discovery = open_discovery(ManualClock())
    assert not (await discovery.announce(announcement("a"))).draining
    assert await names(discovery) == ["a"]


async def test_a_lease_that_is_not_renewed_ends_with_the_next_sweep() -> None:
    clock = ManualClock()
    discovery = open_discovery(clock)
    await discovery.announce(announcement("a"))
    await discovery.announce(announcement("b"))
    clock.advance(1.5)
    await discovery.announce(announcement("b"))
    clock.advance(0.5)
    discovery.sweep()
    assert await names(discovery) == ["b"]


async def test_load_is_told_without_a_new_revision() -> None:
    discovery = open_discovery(ManualClock())
    await discovery.announce(announcement("a"))
    before = await discovery.replicas(ALL)
    await discovery.announce(announcement("a", running=3))
    after = await discovery.replicas(ALL)
    assert after.revision == before.revision
    assert after.replicas[0].load.running == 3


async def test_a_replica_that_moved_makes_a_new_revision() -> None:
    discovery = open_discovery(ManualClock())
    await discovery.announce(announcement("a"))
    before = (await discovery.replicas(ALL)).revision
    await discovery.announce(announcement("a", url="http://127.0.0.1:2"))
    assert (await discovery.replicas(ALL)).revision > before


@pytest.mark.parametrize("known", [True, False])
async def test_a_draining_replica_is_told_so_whether_it_was_known_or_not(*, known: bool) -> None:
    discovery = open_discovery(ManualClock())
    if known:
        await discovery.announce(announcement("a"))
    await discovery.drain(NameReplica(id="a"))
    assert (await discovery.announce(announcement("a"))).draining
    assert (await discovery.replicas(ALL)).replicas[0].health == "draining"


async def test_a_withdrawn_replica_is_gone_at_once_and_refused_afterwards() -> None:
    discovery = open_discovery(ManualClock())
    await discovery.announce(announcement("a"))
    await discovery.withdraw(NameReplica(id="a"))
    assert await names(discovery) == []
    with pytest.raises(ConflictError, match="'a' was withdrawn"):
        await discovery.announce(announcement("a"))


async def test_the_table_is_bounded() -> None:
    discovery = open_discovery(ManualClock(), replicas=1)
    await discovery.announce(announcement("a"))
    with pytest.raises(LimitedError):
        await discovery.announce(announcement("b"))


async def test_a_slow_watcher_skips_to_the_newest() -> None:
    discovery = open_discovery(ManualClock())
    async with aclosing(discovery.watch(ALL)) as sets:
        assert (await anext(sets)).replicas == ()
        for name in "abc":
            await discovery.announce(announcement(name))
        assert len((await anext(sets)).replicas) == 3
        pending = asyncio.ensure_future(anext(sets))
        await asyncio.sleep(0)
        assert not pending.done()
        await discovery.withdraw(NameReplica(id="b"))
        assert len((await pending).replicas) == 2


async def test_a_watcher_that_saw_the_present_waits_for_the_next_change() -> None:
    discovery = open_discovery(ManualClock())
    seen = await discovery.replicas(ALL)
    sets = discovery.watch(WatchReplicas(after=seen.revision))
    pending = asyncio.ensure_future(anext(sets))
    await asyncio.sleep(0)
    await discovery.announce(announcement("a"))
    assert (await pending).revision > seen.revision


async def test_one_watcher_too_many_is_refused_and_its_place_is_free_again_when_one_leaves() -> None:
    discovery = open_discovery(ManualClock(), watchers=1)
    first = discovery.watch(ALL)
    await anext(first)
    with pytest.raises(LimitedError):
        await anext(discovery.watch(ALL))
    await first.aclose()
    assert await anext(discovery.watch(ALL))


async def test_a_restarted_discovery_never_repeats_a_revision() -> None:
    clock = ManualClock()
    before = open_discovery(clock)
    for name in "abc":
        await before.announce(announcement(name))
    clock.advance(1)
    after = open_discovery(clock)
    assert (await after.replicas(ALL)).revision > (await before.replicas(ALL)).revision
