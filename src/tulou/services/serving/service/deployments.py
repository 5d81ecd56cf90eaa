"""What can be asked of serving. Every answer comes from what is kept; the loop makes it true afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from tulou.chassis.validation import rejections
from tulou.contracts.serving.messages import (
    ChangeDeployment,
    DeleteDeployment,
    Deployment,
    DeploymentList,
    DeploymentSpec,
    ListDeployments,
    NameDeployment,
    RestartDeployment,
    ValidateDeployments,
)
from tulou.contracts.upstreams.events import CredentialSuspected
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.kernel.message import Done, Rejections
from tulou.services.serving.domain.checks import check_spec
from tulou.services.serving.domain.plans import StoredDeployment
from tulou.services.serving.domain.values import KeptReplica
from tulou.services.serving.service.executor import Executor
from tulou.services.serving.service.observer import Observer
from tulou.services.serving.service.planner import DeploymentPlanner
from tulou.services.serving.service.upstreams import UpstreamWatch
from tulou.services.serving.service.verification import ArtifactVerification
from tulou.services.serving.service.view import deployment_of
from tulou.services.serving.store import DeploymentStore

ROLLING = ("model", "reference", "engine", "concurrency", "context_length", "options", "upstreams", "task")
"""A change of one of these makes a new generation, whose replicas take the place of the old ones."""

log = structlog.get_logger()


class ReconciledServing:
    """The contract `Serving`."""

    def __init__(  # noqa: PLR0913 - all that it stands on
        self,
        store: DeploymentStore,
        planner: DeploymentPlanner,
        *,
        observer: Observer,
        executor: Executor,
        verification: ArtifactVerification,
        upstreams: UpstreamWatch,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._planner = planner
        self._observer = observer
        self._executor = executor
        self._verification = verification
        self._upstreams = upstreams
        self._clock = clock
        self._wake = wake

    async def deploy(self, request: DeploymentSpec) -> Deployment:
        """Make a deployment; raise `ConflictError` for a taken name, `NotFoundError` for an unknown model."""
        check_spec(request)
        spec = replace(request, engine="remote") if request.upstreams else request
        now = self._clock.now()
        stored = StoredDeployment(
            spec=spec,
            generation=1,
            artifact=await self._planner.plan(spec),
            deleting=False,
            state="progressing",
            why="its replicas are made",
            since=now,
            created_at=now,
        )
        await self._store.add(stored)
        self._wake()
        return await self.deployment(NameDeployment(name=spec.name))

    async def validate_deployments(self, request: ValidateDeployments) -> Rejections:
        """Say which deployments would be refused for what they say themselves, and why."""
        return rejections(((spec.name, spec) for spec in request.items), check_spec)

    async def change(self, request: ChangeDeployment) -> Deployment:
        """Change what is wanted; returns at once, the replicas follow."""
        stored = await self._find(request.name)
        spec = _merged(stored.spec, request)
        check_spec(spec)
        rolls = any(getattr(spec, field) != getattr(stored.spec, field) for field in ROLLING)
        if spec != stored.spec:
            await self._store.change(await self._next(stored, spec, rolls=rolls), seen=stored.generation)
            self._wake()
        return await self.deployment(NameDeployment(name=request.name))

    async def deployment(self, request: NameDeployment) -> Deployment:
        """Return a deployment with its replicas; raise `NotFoundError` for an unknown name."""
        stored = await self._find(request.name)
        return (await self._shown([stored], await self._store.replicas(request.name)))[0]

    async def deployments(self, request: ListDeployments) -> DeploymentList:
        """Return all deployments with their replicas."""
        del request
        return DeploymentList(items=await self._shown(await self._store.deployments(), await self._store.replicas()))

    async def restart(self, request: RestartDeployment) -> Done:
        """Replace replicas without a failed request."""
        stored = await self._find(request.name)
        self._verification.forget(stored.spec.model)
        if request.replica:
            await self._outdate(request)
        else:
            await self._store.change(replace(stored, generation=stored.generation + 1), seen=stored.generation)
        self._wake()
        return Done()

    async def delete(self, request: DeleteDeployment) -> Done:
        """Drain and remove; with force it always works."""
        stored = await self._find(request.name)
        if request.force:
            await self._forget(request.name)
        elif not stored.deleting:
            await self._store.change(replace(stored, deleting=True), seen=stored.generation)
        self._wake()
        return Done()

    async def follow_alias(self, model: str, alias: str) -> None:
        """Roll the deployments that follow an alias over to the version it names now."""
        for stored in await self._store.following(model, alias):
            if stored.deleting or stored.remote:
                continue
            try:
                moved = await self._next(stored, stored.spec, rolls=True)
            except (InvalidError, NotFoundError) as error:
                log.warning("alias_not_followed", deployment=stored.spec.name, error=str(error))
                continue
            if moved.artifact.version != stored.artifact.version:
                await self._store.change(moved, seen=stored.generation)
        self._wake()

    def follow_upstream(self, name: str) -> None:
        """Look at an account at a vendor again, now: it or its credentials have changed."""
        self._upstreams.refresh(name)

    def examine(self, suspected: CredentialSuspected) -> None:
        """Probe a credential, in the background."""
        self._upstreams.examine(suspected)

    async def _find(self, name: str) -> StoredDeployment:
        stored = await self._store.find(name)
        if stored is None:
            raise NotFoundError(f"no deployment named {name!r}; `tulou status` shows those there are", param="name")
        return stored

    async def _next(self, stored: StoredDeployment, spec: DeploymentSpec, *, rolls: bool) -> StoredDeployment:
        if not rolls:
            return replace(stored, spec=spec)
        same = stored.spec.model == spec.model and not stored.remote
        artifact = await self._planner.plan(spec, serving=stored.artifact.version if same else None)
        return replace(stored, spec=spec, generation=stored.generation + 1, artifact=artifact)

    async def _outdate(self, request: RestartDeployment) -> None:
        replicas = await self._store.replicas(request.name)
        if request.replica not in {kept.id for kept in replicas}:
            there = ", ".join(kept.id for kept in replicas) or "none"
            raise NotFoundError(
                f"deployment {request.name!r} has no replica {request.replica!r}; there are {there}", param="replica"
            )
        await self._store.outdate(request.replica)

    async def _forget(self, name: str) -> None:
        """Remove all that is kept first: whatever then still runs or announces itself is ended by the loop."""
        replicas = await self._store.replicas(name)
        await self._store.remove(name)
        for kept in replicas:
            await self._executor.withdraw(kept.id)

    async def _shown(self, stored: Sequence[StoredDeployment], kept: Sequence[KeptReplica]) -> tuple[Deployment, ...]:
        live = {replica.replica.id: replica for replica in await self._observer.live()}
        places = await self._observer.places()
        return tuple(
            deployment_of(one, [replica for replica in kept if replica.deployment == one.spec.name], live, places)
            for one in stored
        )


def _merged(spec: DeploymentSpec, request: ChangeDeployment) -> DeploymentSpec:
    fields = (*ROLLING, "replicas", "start_deadline_s", "drain_deadline_s", "defaults")
    given = {name: getattr(request, name) for name in fields if getattr(request, name) is not None}
    merged = replace(spec, **given)
    return replace(merged, engine="remote") if merged.upstreams and "engine" not in given else merged
