"""What serving promises, however it is reached."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from tests.contracts.bindings import Binding, opened
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import Replica, WatchReplicas
from tulou.contracts.registry.api import Registry
from tulou.contracts.serving.api import Serving
from tulou.contracts.serving.messages import (
    ChangeDeployment,
    DeleteDeployment,
    Deployment,
    DeploymentSpec,
    ListDeployments,
    NameDeployment,
    RestartDeployment,
    UpstreamTarget,
)
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import AddCredential, NameUpstream, UpstreamSpec
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError, TulouError
from tulou.ports.credentials import Credentials
from tulou.ports.launcher import Launcher
from tulou.ports.prober import Prober
from tulou.services.discovery.component import COMPONENT as DISCOVERY
from tulou.services.discovery.settings import DiscoverySettings
from tulou.services.serving.component import COMPONENT
from tulou.services.serving.settings import ServingSettings
from tulou.services.serving.tests.fakes import OneCredential, OneModel, PretendLauncher, StatusProber
from tulou.services.upstreams.component import COMPONENT as UPSTREAMS
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house

QUICK = ServingSettings(
    settle_s=0.02, quiet_s=0.02, backoff_s=0.02, probe_s=0.05, probe_backoff_s=0.02, schedule_deadline_s=5
)
ACCOUNTS: dict[type[Any], object] = {UpstreamsSettings: UpstreamsSettings(), Credentials: OneCredential()}
UPSTREAM = UpstreamTarget(base_url="https://example.org/v1", model="vendor/large", secret="env://KEY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Serving, and the world around it."""

    serving: Serving
    discovery: Discovery
    upstreams: Upstreams
    registry: OneModel
    launcher: PretendLauncher
    prober: StatusProber
    house: SmallHouse
    metrics: CollectorRegistry

    def figure(self, name: str, **labels: str) -> float | None:
        return self.metrics.get_sample_value(name, labels)

    async def until(self, state: str, *, name: str = "demo", generation: int = 0) -> Deployment:
        async def there() -> Deployment:
            now = await self.serving.deployment(NameDeployment(name=name))
            assert now.state == state, f"{now.state}: {now.why}"
            assert all(replica.generation >= generation for replica in now.replicas)
            return now

        return await eventually(there)

    async def live(self) -> list[str]:
        return [live.replica.id for live in (await self.discovery.replicas(WatchReplicas())).replicas]


@pytest.fixture
async def stage(binding: Binding) -> AsyncGenerator[Stage]:
    clock: dict[type[Any], object] = {Clock: SystemClock(), DiscoverySettings: DiscoverySettings(sweep_s=0.02)}
    async with (
        open_house(COMPONENT.migrations, UPSTREAMS.migrations) as house,
        opened(DISCOVERY, house, "direct", clock) as discovery,
        opened(UPSTREAMS, house, "direct", ACCOUNTS) as upstreams,
    ):
        metrics = CollectorRegistry()
        registry, launcher, prober = OneModel(), PretendLauncher(discovery), StatusProber()
        things: dict[type[Any], object] = {
            Clock: SystemClock(),
            CollectorRegistry: metrics,
            Discovery: discovery,
            Upstreams: upstreams,
            Registry: registry,
            Launcher: launcher,
            Prober: prober,
            Credentials: OneCredential(),
            ServingSettings: QUICK,
        }
        async with opened(COMPONENT, house, binding, things) as serving:
            yield Stage(
                serving=serving,
                discovery=discovery,
                upstreams=upstreams,
                registry=registry,
                launcher=launcher,
                prober=prober,
                house=house,
                metrics=metrics,
            )


async def test_a_deployment_becomes_as_it_is_wanted(stage: Stage) -> None:
    made = await stage.serving.deploy(DeploymentSpec(name="demo", model="demo", replicas=2, options={"threads": 1}))
    assert (made.generation, made.version, made.engine, made.task) == (1, 1, "llamacpp", "chat")
    ready = await stage.until("ready")
    assert [replica.state for replica in ready.replicas] == ["running", "running"]
    assert {replica.place for replica in ready.replicas} == {"here/1"}
    assert (await stage.serving.deployments(ListDeployments())).items == (ready,)
    spec = stage.launcher.specs[0]
    assert (spec.model, spec.format, spec.context_length, spec.options) == ("demo", "gguf", 4096, {"threads": 1})
    assert spec.control_token == "house-token"
    assert len({worker.token for worker in stage.launcher.specs}) == 2


async def test_changes_roll_or_scale(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    first = await stage.until("ready")
    scaled = await stage.serving.change(ChangeDeployment(name="demo", replicas=2))
    assert scaled.generation == 1
    await eventually(lambda: len(stage.launcher.specs) == 2)
    rolled = await stage.serving.change(ChangeDeployment(name="demo", concurrency=9, options={}))
    assert (rolled.generation, rolled.spec.replicas, rolled.spec.concurrency) == (2, 2, 9)
    after = await stage.until("ready", generation=2)
    assert {first.replicas[0].id}.isdisjoint(replica.id for replica in after.replicas)


async def test_nothing_wanted_is_stopped(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    await stage.until("ready")
    await stage.serving.change(ChangeDeployment(name="demo", replicas=0))
    assert (await stage.until("stopped")).replicas == ()
    assert await stage.live() == []


async def test_a_deletion_with_force_works_whatever_hangs(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    await stage.until("ready")
    stage.launcher.hangs = True
    await stage.serving.delete(DeleteDeployment(name="demo", force=True))
    assert await stage.live() == []
    with pytest.raises(NotFoundError, match="no deployment named 'demo'"):
        await stage.serving.deployment(NameDeployment(name="demo"))


async def test_a_deletion_drains_then_forgets(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    await stage.until("ready")
    await stage.serving.delete(DeleteDeployment(name="demo"))
    assert (await stage.until("deleting")).replicas
    replica = stage.launcher.specs[0].replica
    stage.launcher.end(replica, 0)
    await eventually(lambda: is_unknown(stage))


async def is_unknown(stage: Stage) -> bool:
    return (await stage.serving.deployments(ListDeployments())).items == ()


async def test_restarts_replace_one_or_all(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    first = (await stage.until("ready")).replicas[0].id
    await stage.serving.restart(RestartDeployment(name="demo", replica=first))
    await eventually(lambda: len(stage.launcher.specs) == 2)
    await stage.serving.restart(RestartDeployment(name="demo"))
    await eventually(lambda: len(stage.launcher.specs) == 3)
    with pytest.raises(NotFoundError) as unknown:
        await stage.serving.restart(RestartDeployment(name="demo", replica="rep_x"))
    assert unknown.value.param == "replica"


async def test_a_worker_that_crashes_is_replaced_and_counted(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    first = (await stage.until("ready")).replicas[0].id
    stage.launcher.end(first, -9)
    await eventually(lambda: len(stage.launcher.specs) == 2)
    assert first not in await stage.live()
    assert (await stage.until("ready")).replicas[0].restarts == 1


async def test_replicas_are_counted_by_state_and_failures_add_up(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo", replicas=2))
    first = (await stage.until("ready")).replicas[0].id
    stage.launcher.end(first, -9)
    await eventually(lambda: len(stage.launcher.specs) == 3)
    await eventually(lambda: stage.figure("tulou_serving_replicas", deployment="demo", state="running") == 2)
    assert stage.figure("tulou_serving_replica_failures_total", deployment="demo") == 1


async def test_a_bad_artifact_is_said_and_not_tried_again(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    first = (await stage.until("ready")).replicas[0].id
    stage.launcher.end(first, 65, "loading\nmodel.gguf: not a GGUF file")
    failed = await stage.until("failed")
    assert "exit code 65: model.gguf: not a GGUF file" in failed.why
    assert failed.replicas[0].deadline is None


async def test_a_model_that_is_not_what_was_signed_is_refused_by_name(stage: Stage) -> None:
    stage.registry.problems = ("model.gguf: its digest is another",)
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    assert "demo version 1 is refused: model.gguf: its digest is another" in (await stage.until("failed")).why
    assert stage.launcher.specs == []


async def test_a_model_without_room_waits_until_there_is_some(stage: Stage) -> None:
    stage.registry.size = 5 << 40
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    waiting = await eventually(lambda: waits_for_room(stage))
    assert waiting.why == "needs 6291456 MiB of memory, 1048576 MiB are free"
    stage.launcher.memory = 7 << 40
    await stage.until("ready")


async def waits_for_room(stage: Stage) -> Any:
    replicas = (await stage.serving.deployment(NameDeployment(name="demo"))).replicas
    return next((replica for replica in replicas if "needs" in replica.why), None)


async def test_an_upstream_is_a_replica_without_a_worker(stage: Stage) -> None:
    spec = DeploymentSpec(
        name="demo", upstreams=(UPSTREAM, UpstreamTarget(base_url="http://127.0.0.1:9/v1", model="small"))
    )
    made = await stage.serving.deploy(spec)
    assert (made.engine, made.version) == ("remote", 0)
    await stage.until("ready")
    live = {it.replica.upstream_model: it.replica for it in (await stage.discovery.replicas(WatchReplicas())).replicas}
    assert live["vendor/large"].url == "https://example.org"
    assert live["vendor/large"].headers == (("authorization", "Bearer the-secret"),)
    assert live["small"].headers == ()
    assert stage.launcher.specs == []
    async with stage.house.database.reading() as tx:
        kept = str(await tx.rows(text("SELECT * FROM serving_deployments")))
    assert "env://KEY" in kept
    assert "the-secret" not in kept


async def test_an_upstream_that_refuses_the_credential_leaves_the_balance_and_comes_back(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", upstreams=(UPSTREAM,)))
    await stage.until("ready")
    stage.prober.status = 401
    assert "credential refused (401)" in (await stage.until("failed")).why
    await eventually(lambda: has_none(stage))
    stage.prober.status = 0
    assert "no answer from https://example.org/v1/models" in (await stage.until("degraded")).why
    stage.prober.status = 404  # answers, though it has no list of models
    await stage.until("ready")
    assert len(await stage.live()) == 1


async def has_none(stage: Stage) -> bool:
    return await stage.live() == []


async def test_an_upstream_without_its_secret_says_which(stage: Stage) -> None:
    lost = UpstreamTarget(base_url="https://example.org/v1", model="m", secret="env://NO")
    await stage.serving.deploy(DeploymentSpec(name="demo", upstreams=(lost,)))
    assert "env://NO is not set or empty" in (await stage.until("failed")).why


async def outside(stage: Stage) -> Replica | None:
    live = (await stage.discovery.replicas(WatchReplicas())).replicas
    return live[0].replica if live else None


async def account(stage: Stage, provider: str = "anthropic", *secrets: str) -> list[str]:
    await stage.upstreams.put_upstream(UpstreamSpec(name="vendor", provider=provider))
    made = [
        await stage.upstreams.add_credential(AddCredential(upstream="vendor", name=f"c{place}", secret=secret))
        for place, secret in enumerate(secrets)
    ]
    return [credential.id for credential in made]


ACCOUNT = DeploymentSpec(name="demo", upstreams=(UpstreamTarget(upstream="vendor", model="large", weight=2.0),))


async def test_an_account_at_a_vendor_is_a_replica_with_all_that_gateways_need(stage: Stage) -> None:
    credentials = await account(stage, "anthropic", "sk-ant-one", "sk-ant-two")
    made = await stage.serving.deploy(ACCOUNT)
    assert (made.engine, made.task) == ("remote", "chat")
    await stage.until("ready")
    replica = await outside(stage)
    assert replica
    assert (replica.url, replica.dialect, replica.provider) == ("https://api.anthropic.com", "anthropic", "anthropic")
    assert (replica.upstream_model, replica.weight, replica.signing) == ("large", 2.0, "")
    assert replica.headers == (("anthropic-version", "2023-06-01"),)
    assert [one.id for one in replica.credentials] == credentials
    assert replica.credentials[0].headers == (("x-api-key", "sk-ant-one"),)
    assert "tools" in replica.capabilities
    assert stage.prober.asked[0] == "https://api.anthropic.com/v1/models"
    await eventually(lambda: stage.prober.headers["x-api-key"] == "sk-ant-one")


async def test_a_credential_that_the_probe_finds_refused_is_retired_and_the_next_one_taken(stage: Stage) -> None:
    stage.prober.refuses = {"sk-bad": 401}
    _, good = await account(stage, "anthropic", "sk-bad-one", "sk-good")
    await stage.serving.deploy(ACCOUNT)
    await stage.until("ready")
    replica = await outside(stage)
    assert replica
    assert [one.id for one in replica.credentials] == [good]
    shown = (await stage.upstreams.upstream(NameUpstream(name="vendor"))).credentials
    assert [(one.state, one.why) for one in shown] == [
        ("retired", "the vendor answered 401 to the probe"),
        ("active", ""),
    ]


async def test_an_account_whose_last_credential_is_refused_leaves_the_balance_and_says_why(stage: Stage) -> None:
    await account(stage, "anthropic", "sk-one")
    await stage.serving.deploy(ACCOUNT)
    await stage.until("ready")
    stage.prober.refuses = {"sk-one": 401}

    async def says_why() -> bool:
        return "c0: the vendor answered 401 to the probe" in (await stage.until("failed")).why

    await eventually(says_why)
    await eventually(lambda: has_none(stage))
    await stage.upstreams.add_credential(AddCredential(upstream="vendor", name="new", secret="sk-new"))
    await stage.until("ready")


async def test_a_vendor_that_lists_no_models_is_only_connected_to(stage: Stage) -> None:
    await account(stage, "jina", "sk-jina")
    made = await stage.serving.deploy(ACCOUNT)
    assert made.task == "embedding"
    await stage.until("ready")
    assert set(stage.prober.asked) == {"connect https://api.jina.ai/v1"}


async def test_what_a_model_outside_is_for_may_be_said_and_changed(stage: Stage) -> None:
    await account(stage, "jina", "sk-jina")
    made = await stage.serving.deploy(replace(ACCOUNT, task="rerank"))
    assert (made.task, made.generation) == ("rerank", 1)
    changed = await stage.serving.change(ChangeDeployment(name="demo", task="embedding", drain_deadline_s=5.0))
    assert (changed.task, changed.generation, changed.spec.drain_deadline_s) == ("embedding", 2, 5.0)


async def test_any_path_before_the_endpoints_is_fine(stage: Stage) -> None:
    upstream = UpstreamTarget(base_url="https://example.org/api/paas/v4", model="m")
    await stage.serving.deploy(DeploymentSpec(name="demo", upstreams=(upstream,)))
    await stage.until("ready")
    replica = await outside(stage)
    assert replica
    assert replica.url == "https://example.org/api/paas/v4"
    assert dict(replica.paths)["chat"] == "/chat/completions"
    assert stage.prober.asked[0] == "https://example.org/api/paas/v4/models"


async def test_a_taken_name_is_a_conflict_and_an_unknown_one_is_not_found(stage: Stage) -> None:
    await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    with pytest.raises(ConflictError) as taken:
        await stage.serving.deploy(DeploymentSpec(name="demo", model="demo"))
    assert taken.value.param == "name"
    for ask in (
        stage.serving.deployment(NameDeployment(name="other")),
        stage.serving.change(ChangeDeployment(name="other", replicas=1)),
        stage.serving.delete(DeleteDeployment(name="other")),
        stage.serving.restart(RestartDeployment(name="other")),
    ):
        with pytest.raises(NotFoundError, match="no deployment named 'other'"):
            await ask


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (DeploymentSpec(name="", model="demo"), "name"),
        (DeploymentSpec(name="a/b", model="demo"), "name"),
        (DeploymentSpec(name="demo"), "model"),
        (DeploymentSpec(name="demo", model="unknown"), "model"),
        (DeploymentSpec(name="demo", model="demo", replicas=-1), "replicas"),
        (DeploymentSpec(name="demo", model="demo", concurrency=0), "concurrency"),
        (DeploymentSpec(name="demo", model="demo", context_length=5000), "context_length"),
        (DeploymentSpec(name="demo", model="demo", engine="warp"), "engine"),
        (DeploymentSpec(name="demo", model="demo", engine="onnx"), "engine"),
        (DeploymentSpec(name="demo", model="demo", engine="openvino"), "engine"),
        (DeploymentSpec(name="demo", engine="remote"), "upstreams"),
        (DeploymentSpec(name="demo", engine="llamacpp", upstreams=(UPSTREAM,)), "engine"),
        (
            DeploymentSpec(name="demo", upstreams=(UpstreamTarget(base_url="ftp://x/v1", model="m"),)),
            "upstreams[0].base_url",
        ),
        (DeploymentSpec(name="demo", upstreams=(UpstreamTarget(model="m"),)), "upstreams[0]"),
        (
            DeploymentSpec(name="demo", upstreams=(UpstreamTarget(upstream="u", base_url="http://x", model="m"),)),
            "upstreams[0]",
        ),
        (
            DeploymentSpec(name="demo", upstreams=(UpstreamTarget(upstream="u", model="m", secret="env://K"),)),
            "upstreams[0].secret",
        ),
        (
            DeploymentSpec(name="demo", upstreams=(UpstreamTarget(upstream="nobody", model="m"),)),
            "upstreams[0].upstream",
        ),
        (
            DeploymentSpec(name="demo", upstreams=(UpstreamTarget(base_url="http://x", model="m", weight=0),)),
            "upstreams[0].weight",
        ),
        (DeploymentSpec(name="demo", model="demo", task="rerank"), "task"),
        (
            DeploymentSpec(name="demo", upstreams=(UPSTREAM, UpstreamTarget(base_url="http://x/v1", model=""))),
            "upstreams[1].model",
        ),
    ],
)
async def test_a_refusal_names_the_field(stage: Stage, spec: DeploymentSpec, field: str) -> None:
    with pytest.raises(TulouError) as refused:
        await stage.serving.deploy(spec)
    assert isinstance(refused.value, InvalidError | NotFoundError)
    assert refused.value.param == field


async def test_a_secret_given_in_the_place_of_its_reference_is_refused_and_not_repeated(stage: Stage) -> None:
    upstream = UpstreamTarget(base_url="http://x/v1", model="m", secret="sk-live-123")
    with pytest.raises(InvalidError) as refused:
        await stage.serving.deploy(DeploymentSpec(name="demo", upstreams=(upstream,)))
    assert refused.value.param == "upstreams[0].secret"
    assert "sk-live-123" not in str(refused.value)
