"""Replicas are killed, rolled over, adopted and restarted, and no request fails."""

import signal

from tests.integration.serving.drill import Drill, kill, pids, workers
from tulou.contracts.registry.messages import SetAlias
from tulou.contracts.serving.messages import ChangeDeployment, DeleteDeployment, DeploymentSpec, RestartDeployment
from tulou.testing.eventually import eventually


async def test_a_killed_replica_is_replaced_and_no_request_fails(drill: Drill) -> None:
    before = await drill.deploy(2)
    victim = before.replicas[0]
    async with drill.load() as load:
        kill(victim)
        await eventually(lambda: victim.id not in {replica.id for replica in load.replicas})
        await eventually(lambda: drill_moved(drill, victim.id))
        after = await drill.ready(2)
        newcomer = next(iter({it.id for it in after.replicas} - {it.id for it in before.replicas}))
        await eventually(lambda: load.by_replica.get(newcomer))
    assert load.failed == []


async def test_a_new_version_takes_over_without_a_failed_request(drill: Drill) -> None:
    before = await drill.deploy(2, work_ms=200)
    async with drill.load() as load:
        await drill.publish(b"second")  # with the alias `stable`, which the deployment follows
        after = await drill.ready(2, generation=2)
    assert {replica.version for replica in after.replicas} == {2}
    assert pids(before).isdisjoint(pids(after))
    assert (load.failed, load.retried) == ([], 0)


async def test_a_restart_of_all_replaces_each_without_a_failed_request(drill: Drill) -> None:
    before = await drill.deploy(2)
    async with drill.load() as load:
        await drill.serving.restart(RestartDeployment(name="demo"))
        after = await drill.ready(2, generation=2)
    assert pids(before).isdisjoint(pids(after))
    assert (load.failed, load.retried) == ([], 0)


async def test_a_single_replica_is_replaced_without_a_failed_request(drill: Drill) -> None:
    before = await drill.deploy(1)
    async with drill.load() as load:
        await drill.serving.restart(RestartDeployment(name="demo", replica=before.replicas[0].id))
        await eventually(lambda: drill_moved(drill, before.replicas[0].id))
        await drill.ready(1)
    assert (load.failed, load.retried) == ([], 0)


async def drill_moved(drill: Drill, old: str) -> bool:
    return old not in {replica.id for replica in (await drill.deployment()).replicas}


async def test_a_killed_control_process_finds_its_workers_again_and_no_request_fails(drill: Drill) -> None:
    before = await drill.deploy(2)
    async with drill.load() as load:
        await drill.kill()
        answered = load.answered
        await eventually(lambda: load.answered > answered + 20)
        await drill.start()
        after = await drill.ready(2)
        assert pids(after) == pids(before)
        kill(after.replicas[0])  # not a child of the new control process, but seen all the same
        await eventually(lambda: drill_moved(drill, after.replicas[0].id))
        await drill.ready(2)
    assert load.failed == []


async def test_a_replica_that_died_while_control_was_away_is_on_its_way_again_before_control_answers(
    drill: Drill,
) -> None:
    before = await drill.deploy(1)
    await drill.kill()
    kill(before.replicas[0])

    await drill.start()

    (now,) = (await drill.deployment()).replicas
    assert now.id != before.replicas[0].id
    assert now.state in ("scheduled", "starting", "warming", "running")
    await drill.ready(1)


async def test_a_control_process_killed_in_a_rolling_update_goes_on_with_it(drill: Drill) -> None:
    await drill.deploy(2, work_ms=100)
    async with drill.load() as load:
        await drill.serving.change(ChangeDeployment(name="demo", concurrency=8))
        for _ in range(2):
            await eventually(lambda: rolling(drill))
            await drill.kill()
            await drill.start()
        await drill.ready(2, generation=2)
    assert load.failed == []
    assert len(workers(drill.directory)) == 2


async def rolling(drill: Drill) -> bool:
    replicas = (await drill.deployment()).replicas
    return any(replica.generation == 2 for replica in replicas)


async def test_deployments_come_back_by_themselves_after_everything_was_killed(drill: Drill) -> None:
    await drill.deploy(2)
    await drill.kill()
    for worker in workers(drill.directory):
        worker.kill()
    await eventually(lambda: not workers(drill.directory))
    await drill.start()
    assert len(pids(await drill.ready(2))) == 2


async def test_an_orderly_end_of_control_leaves_the_workers_running(drill: Drill) -> None:
    before = await drill.deploy(1)
    await drill.kill(signal.SIGTERM)
    assert len(workers(drill.directory)) == 1
    await drill.start()
    assert pids(await drill.ready(1)) == pids(before)


async def test_a_deployment_is_scaled_up_down_and_to_nothing(drill: Drill) -> None:
    await drill.deploy(1)
    async with drill.load() as load:
        for replicas in (3, 1):
            await drill.serving.change(ChangeDeployment(name="demo", replicas=replicas))
            await drill.ready(replicas)
    assert (load.failed, load.retried) == ([], 0)
    await drill.serving.change(ChangeDeployment(name="demo", replicas=0))
    await eventually(lambda: not workers(drill.directory))
    await eventually(lambda: drill_state(drill, "stopped"))


async def drill_state(drill: Drill, state: str) -> bool:
    now = await drill.deployment()
    assert now.state == state, f"{now.state}: {now.why}"
    return True


async def test_a_deletion_drains_and_leaves_nothing(drill: Drill) -> None:
    await drill.deploy(2, work_ms=300)
    async with drill.load() as load:
        await drill.serving.delete(DeleteDeployment(name="demo"))
        await eventually(lambda: drill_drained(drill))
        load.stop.set()
    assert load.failed == []
    await drill.gone()


async def drill_drained(drill: Drill) -> bool:
    return all(replica.state == "draining" for replica in (await drill.deployment()).replicas)


async def test_a_forced_deletion_works_while_workers_start(drill: Drill) -> None:
    await drill.deploy(1)
    await drill.serving.change(ChangeDeployment(name="demo", options={"start_ms": 60_000}))
    await eventually(lambda: len(workers(drill.directory)) == 2)
    await drill.serving.delete(DeleteDeployment(name="demo", force=True))
    await drill.gone()


async def test_a_version_that_does_not_start_leaves_the_old_one_serving_and_says_why(drill: Drill) -> None:
    before = await drill.deploy(1)
    async with drill.load() as load:
        await drill.serving.change(ChangeDeployment(name="demo", options={"exit": 65}))
        await eventually(lambda: drill_state(drill, "degraded"))
        now = await drill.deployment()
        assert "exit code 65: this worker was told to end" in now.why
        assert [it.id for it in now.replicas if it.state == "running"] == [before.replicas[0].id]
    assert load.failed == []


async def test_a_tampered_model_is_refused_by_name(drill: Drill) -> None:
    version = await drill.publish(b"first")
    path = next(path for path in (drill.directory / "blobs").rglob("*") if path.name == version.files[0].blob[-64:])
    path.chmod(0o600)
    path.write_bytes(b"other")
    await drill.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    await eventually(lambda: drill_state(drill, "failed"))
    now = await drill.deployment()
    assert "demo version 1 is refused: " in now.why
    assert "model.gguf" in now.why
    assert workers(drill.directory) == []


async def test_an_alias_that_moves_back_rolls_back(drill: Drill) -> None:
    await drill.deploy(1)
    await drill.publish(b"second")
    await drill.ready(1, generation=2)
    await drill.registry.set_alias(SetAlias(model="demo", alias="stable", version=1))
    after = await drill.ready(1, generation=3)
    assert after.version == 1


async def test_a_version_that_nobody_promoted_changes_nothing_that_serves(drill: Drill) -> None:
    await drill.publish(b"first", aliases=())
    await drill.serving.deploy(DeploymentSpec(name="demo", model="demo", start_deadline_s=30))
    before = await drill.ready(1)
    await drill.publish(b"second", aliases=())
    await drill.serving.change(ChangeDeployment(name="demo", concurrency=2))
    changed = await drill.ready(1, generation=2)
    assert (before.version, changed.version) == (1, 1)
    await drill.registry.set_alias(SetAlias(model="demo", alias="stable", version=2))
    assert (await drill.ready(1, generation=3)).version == 2


async def test_what_follows_latest_rolls_when_a_version_is_published(drill: Drill) -> None:
    await drill.publish(b"first")
    await drill.serving.deploy(DeploymentSpec(name="demo", model="demo", reference="latest", start_deadline_s=30))
    await drill.ready(1)
    await drill.publish(b"second", aliases=())
    assert (await drill.ready(1, generation=2)).version == 2
