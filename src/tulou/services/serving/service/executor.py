"""Do what the rules ask for: first what is kept, in one transaction, then what it means for the world."""

from collections.abc import Sequence

import structlog

from tulou.contracts.discovery.api import Discovery
from tulou.contracts.discovery.messages import NameReplica
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.kernel.ids import new_id
from tulou.services.serving.domain.actions import (
    Action,
    Create,
    Drain,
    ForgetReplica,
    Keep,
    Launch,
    Remove,
    Renew,
    Stop,
    Withdraw,
)
from tulou.services.serving.domain.plans import StoredDeployment
from tulou.services.serving.domain.values import KeptReplica
from tulou.services.serving.service.workers import WorkerOperations
from tulou.services.serving.store import DeploymentStore

log = structlog.get_logger()


class Executor:
    """A crash between the two halves does no harm: the next look finds what is still to be done."""

    def __init__(
        self,
        store: DeploymentStore,
        discovery: Discovery,
        hands: WorkerOperations,
        *,
        clock: Clock,
        start_within_s: float,
    ) -> None:
        self._store = store
        self._discovery = discovery
        self._hands = hands
        self._clock = clock
        self._start_within_s = start_within_s

    async def do(
        self, actions: Sequence[Action], stored: Sequence[StoredDeployment], kept: Sequence[KeptReplica]
    ) -> None:
        """Do all actions of one plan."""
        deployments = {deployment.spec.name: deployment for deployment in stored}
        replicas = {replica.id: replica for replica in kept}
        await self._keep(actions, deployments, replicas)
        for action in actions:
            match action:
                case Launch(name):
                    replica = replicas[name]
                    self._hands.start(replica, deployments[replica.deployment], within_s=self._start_within_s)
                case Stop(name, grace_s):
                    self._hands.stop(name, grace_s=grace_s)
                case Drain(name):
                    await self.drain(name)
                case Withdraw(name):
                    await self.withdraw(name)
                case Remove(name):
                    await self._store.remove(name)
                case _:
                    pass

    async def drain(self, replica: str) -> None:
        """Let a replica get no new requests; if discovery is away, the next look asks again."""
        try:
            await self._discovery.drain(NameReplica(id=replica))
        except TulouError as error:
            log.warning("drain_not_told", replica=replica, error=str(error))

    async def withdraw(self, replica: str) -> None:
        """End a lease; if discovery is away, the lease runs out."""
        try:
            await self._discovery.withdraw(NameReplica(id=replica))
        except TulouError as error:
            log.warning("withdrawal_not_told", replica=replica, error=str(error))

    async def _keep(
        self, actions: Sequence[Action], deployments: dict[str, StoredDeployment], replicas: dict[str, KeptReplica]
    ) -> None:
        moved = [action.replica for action in actions if isinstance(action, Keep)]
        renewed = [replicas[action.replica] for action in actions if isinstance(action, Renew)]
        made = [
            *(self._new(deployments[old.deployment], old.slot, old.restarts) for old in renewed),
            *(self._new(deployments[it.deployment], it.slot, 0) for it in actions if isinstance(it, Create)),
        ]
        forgotten = [*(old.id for old in renewed), *(it.replica for it in actions if isinstance(it, ForgetReplica))]
        for replica in moved:
            log.info(
                "replica_moved", replica=replica.id, deployment=replica.deployment, state=replica.state, why=replica.why
            )
        if moved or made or forgotten:
            await self._store.apply(moved=moved, made=made, forgotten=forgotten)

    def _new(self, stored: StoredDeployment, slot: int, restarts: int) -> KeptReplica:
        return KeptReplica(
            id=new_id("rep"),
            deployment=stored.spec.name,
            generation=stored.generation,
            version=stored.artifact.version,
            engine=stored.artifact.engine,
            state="pending",
            why="waits for its turn",
            since=self._clock.now(),
            slot=slot,
            restarts=restarts,
        )
