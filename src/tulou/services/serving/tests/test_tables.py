"""The tables are as they are declared, and keep what the rules decide."""

from dataclasses import replace

from tulou.contracts.serving.messages import DeploymentSpec
from tulou.services.serving.domain.plans import Artifact, StoredDeployment
from tulou.services.serving.domain.values import KeptReplica
from tulou.services.serving.store import METADATA, DeploymentStore
from tulou.testing.house import open_house
from tulou.testing.tables import differences

MIGRATIONS = "tulou.services.serving.migrations"
STORED = StoredDeployment(
    spec=DeploymentSpec(name="demo", model="demo", options={"threads": 2, "pooling": "mean"}),
    generation=1,
    artifact=Artifact(version=1, engine="llamacpp", task="chat", context_length=512, need=5_000_000_000),
    deleting=False,
    state="progressing",
    why="its replicas are made",
    since=1.0,
    created_at=1.0,
)
KEPT = KeptReplica(
    id="rep_1",
    deployment="demo",
    generation=1,
    version=1,
    engine="llamacpp",
    state="pending",
    why="",
    since=1.0,
)


async def test_migrations_make_the_tables_that_are_declared() -> None:
    async with open_house(MIGRATIONS) as house:
        assert await differences(house.database, METADATA) == []


async def test_a_deployment_is_read_as_it_was_written() -> None:
    async with open_house(MIGRATIONS) as house:
        store = DeploymentStore(house.database, house.outbox)
        await store.add(STORED)
        assert await store.find("demo") == STORED
        assert await store.following("demo", "stable") == [STORED]
        await store.judge(STORED, ("ready", "1 of 1 replicas run"), now=2.0)
        found = await store.find("demo")
        assert found
        await store.judge(found, ("ready", "2 of 2 replicas run"), now=3.0)
        assert [(it.why, it.since) for it in await store.deployments()] == [("2 of 2 replicas run", 2.0)]


async def test_a_decision_does_not_undo_what_was_asked_for_meanwhile() -> None:
    async with open_house(MIGRATIONS) as house:
        store = DeploymentStore(house.database, house.outbox)
        await store.apply(moved=(), made=(KEPT,), forgotten=())
        await store.outdate("rep_1")
        running = replace(KEPT, state="running", since=2.0)
        await store.apply(moved=(running,), made=(), forgotten=())
        assert await store.replicas("demo") == [replace(running, outdated=True)]
        await store.apply(moved=(running,), made=(), forgotten=("rep_1",))
        assert await store.replicas() == []


async def test_what_was_given_up_has_one_more_try_after_a_restart() -> None:
    async with open_house(MIGRATIONS) as house:
        store = DeploymentStore(house.database, house.outbox)
        await store.apply(moved=(), made=(replace(KEPT, state="failed"),), forgotten=())
        await store.retry_hopeless(now=7.0)
        assert [kept.deadline for kept in await store.replicas()] == [7.0]
