"""The rules bring a deployment to what is wanted, whatever happens on the way."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.services.serving.tests.world import RULES, Worker, World, deployment, settled

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["crash", "crash_hopeless", "silence", "roll", "roll_bad", "scale", "restart_one", "blink"]),
        st.integers(0, 4),
        st.integers(0, 30),
    ),
    max_size=12,
)


def disturb(world: World, event: str, number: int) -> None:
    assert world.wanted
    names = sorted(world.kept)
    name = names[number % len(names)] if names else ""
    match event:
        case "crash":
            world.crash(name)
        case "crash_hopeless":
            world.crash(name, 65)
        case "silence":
            world.workers.get(name, Worker(0)).silent = True
        case "roll" | "roll_bad":
            generation = world.wanted.generation + 1
            world.wanted = replace(world.wanted, generation=generation)
            world.bad_generations |= {generation} if event == "roll_bad" else set()
        case "scale":
            world.wanted = replace(world.wanted, replicas=number)
        case "restart_one" if name:
            world.kept[name] = replace(world.kept[name], outdated=True)
        case "blink":
            world.listening_since = world.now  # the control process was away for a moment
        case _:
            pass


@settings(max_examples=150)
@given(EVENTS)
def test_whatever_happens_a_deployment_comes_to_what_is_wanted(events: list[tuple[str, int, int]]) -> None:
    world = World(deployment(2))
    for event, number, ticks in events:
        disturb(world, event, number)
        world.tick(ticks)
    assert world.wanted
    world.wanted = replace(world.wanted, generation=world.wanted.generation + 1)  # nothing hopeless is left over
    world.tick(300)
    assert world.wanted
    assert len(world.running()) == len(world.kept) == world.wanted.replicas
    assert all(kept.generation == world.wanted.generation for kept in world.kept.values())
    assert world.state() == ("ready" if world.wanted.replicas else "stopped")
    world.tick()
    assert world.last
    assert world.last.actions == []


@settings(max_examples=60)
@given(EVENTS)
def test_whatever_happened_a_deletion_leaves_nothing(events: list[tuple[str, int, int]]) -> None:
    world = World(deployment(2))
    for event, number, ticks in events:
        disturb(world, event, number)
        world.tick(ticks)
    assert world.wanted
    world.wanted = replace(world.wanted, deleting=True)
    world.tick(300)
    assert world.wanted is None
    assert not [worker for worker in world.workers.values() if worker.runs()]


@pytest.mark.parametrize("replicas", [1, 2, 3])
def test_a_rolling_update_never_serves_with_fewer_and_loses_no_request(replicas: int) -> None:
    world = settled(deployment(replicas))
    world.wanted = deployment(replicas, generation=2)
    for _ in range(200):
        world.tick()
        assert len(world.serving()) >= replicas
    assert [kept.generation for kept in world.running()] == [2] * replicas
    assert world.lost == 0


def test_one_replica_is_replaced_without_a_lost_request() -> None:
    world = settled(deployment(2))
    name = min(world.kept)
    world.kept[name] = replace(world.kept[name], outdated=True)
    for _ in range(80):
        world.tick()
        assert len(world.serving()) >= 2
    assert name not in world.kept
    assert world.lost == 0


def test_a_scale_down_loses_no_request() -> None:
    world = settled(deployment(3))
    world.wanted = deployment(1)
    world.tick(80)
    assert len(world.kept) == 1
    assert world.lost == 0


def test_a_generation_that_does_not_start_leaves_the_old_one_serving() -> None:
    world = settled(deployment(2))
    world.bad_generations = {2}
    world.wanted = deployment(2, generation=2)
    for _ in range(200):
        world.tick()
        assert len(world.serving()) == 2
    assert world.state() == "degraded"


def test_a_bad_artifact_is_not_started_again() -> None:
    world = World(deployment(1))
    world.bad_generations = {1}
    world.tick(300)
    assert len(world.workers) == 1
    assert world.state() == "failed"
    assert "exit code 65" in next(iter(world.kept.values())).why


def test_a_killed_replica_is_gone_from_the_balance_and_replaced_at_the_next_look() -> None:
    world = settled(deployment(2))
    name = min(world.kept)
    world.crash(name)
    world.tick()
    assert name in world.withdrawn
    world.tick(30)
    assert world.state() == "ready"
    assert name not in world.kept


def test_pauses_between_starts_double_up_to_a_limit_and_begin_anew_after_a_stable_run() -> None:
    world = settled(deployment(1))
    pauses: list[float] = []
    for _ in range(8):
        name = next(iter(world.kept))
        world.crash(name)
        world.tick()
        failed = world.kept[name]
        assert failed.deadline
        pauses.append(round(failed.deadline - world.now, 1))
        while next(iter(world.kept.values())).state != "starting":
            world.tick()
    assert pauses == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0, 2.0]
    world.tick(int(RULES.stable_s / 0.1) + 60)
    name = next(iter(world.kept))
    world.crash(name)
    world.tick()
    assert world.kept[name].restarts == 1


def test_a_silent_worker_is_unreachable_then_replaced() -> None:
    world = settled(deployment(1))
    name = next(iter(world.kept))
    world.workers[name].silent = True
    world.tick()
    assert world.kept[name].state == "unreachable"
    world.tick(int(RULES.unreachable_deadline_s / 0.1) + 40)
    assert name not in world.kept
    assert world.state() == "ready"


def test_silence_means_nothing_when_discovery_has_just_begun_to_listen() -> None:
    world = settled(deployment(1))
    name = next(iter(world.kept))
    world.workers[name].silent = True
    world.listening_since = world.now
    world.tick(5)
    assert world.kept[name].state == "running"


def test_a_worker_that_does_not_start_in_time_is_ended_and_started_anew() -> None:
    world = World(deployment(1, start_deadline_s=0.5))
    world.tick(8)
    assert "not ready before its deadline" in next(iter(world.kept.values())).why
    world.tick(30)
    assert len(world.workers) > 1


def test_a_model_that_does_not_fit_waits_and_says_what_it_needs() -> None:
    world = World(deployment(2, need=600 << 20), memory=1000 << 20)
    world.tick(6)
    assert sorted(kept.state for kept in world.kept.values()) == ["pending", "starting"]
    why = next(kept.why for kept in world.kept.values() if kept.state == "pending")
    assert why == "needs 600 MiB of memory, 400 MiB are free"


def test_a_draining_replica_with_endless_work_ends_at_its_deadline() -> None:
    world = settled(deployment(1, drain_deadline_s=3.0))
    worker = next(iter(world.workers.values()))
    worker.requests = [world.now + 10_000]
    world.wanted = deployment(0, drain_deadline_s=3.0)
    world.tick(60)
    assert not world.kept
    assert world.lost == 1


def test_a_worker_that_nobody_keeps_is_ended() -> None:
    world = settled(deployment(1))
    world.kept.clear()
    world.wanted = None
    world.tick(5)
    assert not [worker for worker in world.workers.values() if worker.runs()]
