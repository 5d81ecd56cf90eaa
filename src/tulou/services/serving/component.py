"""Serving, as assembly sees it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from tulou.chassis.changes import changes
from tulou.chassis.component import Component
from tulou.chassis.house import House
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.discovery.api import Discovery
from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.events import ALIAS_MOVED
from tulou.contracts.serving.api import Serving
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.events import CREDENTIAL_SUSPECTED, UPSTREAM_CHANGED
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.ports.credentials import Credentials
from tulou.ports.database import Database
from tulou.ports.launcher import Launcher
from tulou.ports.prober import Prober
from tulou.services.serving.handlers import ServingHandlers
from tulou.services.serving.http import router
from tulou.services.serving.service.deployments import ReconciledServing
from tulou.services.serving.service.executor import Executor
from tulou.services.serving.service.listing import VendorModels
from tulou.services.serving.service.metrics import ServingMetrics
from tulou.services.serving.service.observer import Observer
from tulou.services.serving.service.outside import UpstreamProbes
from tulou.services.serving.service.planner import DeploymentPlanner
from tulou.services.serving.service.reconciler import Reconciler, Wake, follow_discovery, follow_exits
from tulou.services.serving.service.rules import rules_of
from tulou.services.serving.service.upstreams import UpstreamWatch
from tulou.services.serving.service.verification import ArtifactVerification
from tulou.services.serving.service.workers import WorkerOperations
from tulou.services.serving.settings import ServingSettings
from tulou.services.serving.store import DeploymentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    store: DeploymentStore
    hands: WorkerOperations
    upstreams: UpstreamWatch
    executor: Executor
    reconciler: Reconciler
    serving: ReconciledServing


@asynccontextmanager
async def build(provided: Provided) -> AsyncGenerator[ReconciledServing]:
    """Adopt what runs, then keep deployments true for as long as the block runs. Leaving ends no worker."""
    wake = Wake()
    parts = _parts(provided, wake)
    launcher, discovery = provided[Launcher], provided[Discovery]
    with as_house("serving takes up what it left"):
        await parts.store.retry_hopeless(now=provided[Clock].now())
        # What drains is drained again before anyone asks discovery, and what died unseen is on its way before all else.
        await parts.reconciler.catch_up()
    async with asyncio.TaskGroup() as tasks:
        with as_house("serving makes deployments true"):
            running = [
                tasks.create_task(follow_exits(launcher, parts.executor, wake)),
                tasks.create_task(follow_discovery(discovery, wake)),
                tasks.create_task(parts.reconciler.run(wake)),
            ]
        try:
            yield parts.serving
        finally:
            for task in running:
                task.cancel()
            with as_house("serving leaves"):
                await parts.hands.close()
                await parts.upstreams.close()


def _parts(provided: Provided, wake: Wake) -> _Parts:
    settings, clock = provided[ServingSettings], provided[Clock]
    discovery, launcher, registry = provided[Discovery], provided[Launcher], provided[Registry]
    store = DeploymentStore(provided[Database], provided[Outbox])
    verification = ArtifactVerification(registry, clock=clock, holds_s=settings.verified_s)
    hands = WorkerOperations(launcher, verification, house=provided[House], done=wake)
    accounts = provided[Upstreams]
    prober, within_s = provided[Prober], settings.probe_timeout_s
    models = VendorModels(prober, clock=clock, every_s=settings.models_s, timeout_s=within_s)
    outside = UpstreamProbes(accounts, prober, provided[Credentials], models=models, timeout_s=within_s)
    upstreams = UpstreamWatch(discovery, outside, settings=settings, changed=wake)
    observer = Observer(discovery, launcher, hands=hands, upstreams=upstreams, clock=clock)
    executor = Executor(store, discovery, hands, clock=clock, start_within_s=settings.schedule_deadline_s)
    reconciler = Reconciler(
        store,
        observer,
        executor,
        hands=hands,
        upstreams=upstreams,
        metrics=ServingMetrics(provided[CollectorRegistry]),
        rules=rules_of(settings),
        clock=clock,
    )
    serving = ReconciledServing(
        store,
        DeploymentPlanner(registry, launcher, upstreams=accounts, settings=settings),
        observer=observer,
        executor=executor,
        verification=verification,
        upstreams=upstreams,
        clock=clock,
        wake=wake,
    )
    return _Parts(
        store=store, hands=hands, upstreams=upstreams, executor=executor, reconciler=reconciler, serving=serving
    )


COMPONENT = Component(
    name="serving",
    plane="traffic",
    contract=Serving,
    build=build,
    changes={
        Serving.deploy: changes("deployments:write", "{name}"),
        Serving.change: changes("deployments:write", "{name}"),
        Serving.restart: changes("deployments:write", "{name}/restart"),
        Serving.delete: changes("deployments:write", "{name}"),
    },
    needs=(
        Registry,
        Discovery,
        Upstreams,
        Launcher,
        Database,
        Outbox,
        Clock,
        CollectorRegistry,
        House,
        Prober,
        Credentials,
        ServingSettings,
    ),
    settings=ServingSettings,
    migrations="tulou.services.serving.migrations",
    routes=router,
    handlers=ServingHandlers,
    topics={
        ALIAS_MOVED: ServingHandlers.on_alias_moved,
        UPSTREAM_CHANGED: ServingHandlers.on_upstream_changed,
        CREDENTIAL_SUSPECTED: ServingHandlers.on_credential_suspected,
    },
)
