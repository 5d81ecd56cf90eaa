"""The loop that makes deployments true: look, decide, do; woken by whatever changes, and now and then anyway."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import WatchReplicas
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.ports.launcher import Launcher
from tulou.services.serving.domain.actions import Create, ForgetReplica, Keep, Renew
from tulou.services.serving.domain.plans import StoredDeployment
from tulou.services.serving.domain.reconcile import ReconcilePlan, reconcile
from tulou.services.serving.domain.values import KeptReplica, ReconcileRules
from tulou.services.serving.service.executor import Executor
from tulou.services.serving.service.metrics import ServingMetrics
from tulou.services.serving.service.observer import Observer
from tulou.services.serving.service.upstreams import UpstreamWatch
from tulou.services.serving.service.workers import WorkerOperations
from tulou.services.serving.store import DeploymentStore

AGAIN_S = 0.01
"""After a change of what is kept the rules are asked again at once: a new replica wants to be started."""
TROUBLE_S = 1.0
CATCH_UP_S = 0.5
"""The longest single wait of a start: the first pause before a replica is started again is shorter."""
CATCH_UP_LOOKS = 8
"""A worker that died unseen is on its way again after four: failed, renewed, scheduled, launched."""

log = structlog.get_logger()


class Wake:
    """Set by whoever knows of a change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __call__(self) -> None:
        """Wake the loop."""
        self._event.set()

    async def wait(self, at_most_s: float) -> None:
        """Sleep until woken, or until the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self._event.wait()
        self._event.clear()


class Reconciler:
    """Everything intended is in the store, so that the loop can die at any point and go on in another process."""

    def __init__(  # noqa: PLR0913 - it brings everything together
        self,
        store: DeploymentStore,
        observer: Observer,
        executor: Executor,
        *,
        hands: WorkerOperations,
        upstreams: UpstreamWatch,
        metrics: ServingMetrics,
        rules: ReconcileRules,
        clock: Clock,
    ) -> None:
        self._store = store
        self._observer = observer
        self._executor = executor
        self._hands = hands
        self._upstreams = upstreams
        self._metrics = metrics
        self._rules = rules
        self._clock = clock

    async def once(self) -> float:
        """Look, decide and do once; return after how many seconds to look again.

        The world is looked at before what is kept is read: so a worker that nobody keeps really is one.
        """
        observed = await self._observer.look()
        stored, kept = await self._store.deployments(), await self._store.replicas()
        wanted = [deployment.wanted() for deployment in stored]
        plan = reconcile(wanted, kept, observed, rules=self._rules, now=self._clock.now())
        await self._executor.do(plan.actions, stored, kept)
        for deployment in stored:
            verdict = plan.verdicts[deployment.spec.name]
            if verdict != (deployment.state, deployment.why):
                await self._store.judge(deployment, verdict, now=self._clock.now())
        self._tell(plan, stored, kept)
        self._hands.forget({replica.id for replica in kept})
        self._upstreams.keep(stored, kept)
        return _pause(plan)

    def _tell(self, plan: ReconcilePlan, stored: Sequence[StoredDeployment], kept: Sequence[KeptReplica]) -> None:
        self._metrics.tell(kept)
        before = {replica.id: replica.state for replica in kept}
        for action in plan.actions:
            if isinstance(action, Keep) and action.replica.state == "failed" != before[action.replica.id]:
                self._metrics.failed(action.replica.deployment, [deployment.spec.name for deployment in stored])

    async def catch_up(self) -> None:
        """Do what can be done at once after a start; whatever takes longer is left to `run`."""
        for _ in range(CATCH_UP_LOOKS):
            pause = await self.once()
            if pause > CATCH_UP_S:
                break
            await asyncio.sleep(pause)
        await self._hands.settled(within_s=CATCH_UP_S)

    async def run(self, wake: Wake) -> None:
        """Reconcile until cancelled; outlives failures of everything it needs."""
        while True:
            try:
                pause = await self.once()
            except TulouError as error:
                log.warning("reconcile_failed", error=str(error))
                pause = TROUBLE_S
            except Exception:
                log.exception("reconcile_failed")  # a bug in one corner must not end the loop
                pause = TROUBLE_S
            await wake.wait(pause)


async def follow_exits(launcher: Launcher, executor: Executor, wake: Wake) -> None:
    """Take a worker that ended out of the balance at once, before anything else is considered."""
    async for worker in launcher.exits():
        await executor.withdraw(worker.replica)
        wake()


async def follow_discovery(discovery: Discovery, wake: Callable[[], None]) -> None:
    """Wake the loop when a replica comes, goes or drains."""
    while True:
        try:
            async for _ in discovery.watch(WatchReplicas()):
                wake()
        except TulouError as error:
            log.warning("discovery_not_watched", error=str(error))
        await asyncio.sleep(TROUBLE_S)


def _pause(plan: ReconcilePlan) -> float:
    changed = any(isinstance(action, Create | Renew | ForgetReplica | Keep) for action in plan.actions)
    return AGAIN_S if changed else plan.wait_s
