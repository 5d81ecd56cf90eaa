"""Settle what a deployment's next generation is made of: which version, engine and context."""

from collections.abc import Sequence

from tulou.contracts.registry.api import Registry
from tulou.contracts.registry.messages import Facts, NameVersion, Version
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import NameUpstream, Provider
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.ports.launcher import Launcher, WorkerFile
from tulou.services.serving.domain.engines import choose_engine
from tulou.services.serving.domain.fit import memory_needed
from tulou.services.serving.domain.outside import task_of
from tulou.services.serving.domain.plans import Artifact
from tulou.services.serving.settings import ServingSettings

STABLE = "stable"
"""The alias that a deployment follows unless it names another reference."""
LATEST = "latest"


class DeploymentPlanner:
    """Asks the registry what a name means, the launcher what there is to run it on, and upstreams what accounts can."""

    def __init__(
        self, registry: Registry, launcher: Launcher, *, upstreams: Upstreams, settings: ServingSettings
    ) -> None:
        self._registry = registry
        self._upstreams = upstreams
        self._launcher = launcher
        self._settings = settings

    async def plan(self, spec: DeploymentSpec, *, serving: int | None = None) -> Artifact:
        """Return what to load; raise `NotFoundError` for an unknown model, `InvalidError` for one that cannot run.

        A model whose versions nobody has promoted has no `stable`: then it is the version that the deployment is
        `serving`, and for a new one the newest of now. A version that comes later changes neither.
        """
        if spec.upstreams:
            return await self._remote(spec)
        version = await self._resolve(spec.model, _references(spec, serving))
        room = await self._launcher.room()
        engine = choose_engine(
            spec.engine, version.facts, concurrency=spec.concurrency, engines=room.engines, features=room.features
        )
        context_length = self._context(spec, version.facts)
        return Artifact(
            version=version.number,
            engine=engine,
            task=version.facts.task,
            context_length=context_length,
            need=memory_needed(version.files, version.facts, context_length=context_length),
            files=tuple(
                WorkerFile(name=file.name, blob=file.blob, digest=file.digest, size=file.size) for file in version.files
            ),
            facts=version.facts,
        )

    async def _resolve(self, model: str, references: Sequence[str]) -> Version:
        """Return the version that the first of the references names which names one."""
        try:
            return await self._registry.resolve(NameVersion(model=model, reference=references[0]))
        except NotFoundError as error:
            if error.param == "reference" and len(references) > 1:
                return await self._resolve(model, references[1:])
            raise NotFoundError(str(error), param="model") from error

    def _context(self, spec: DeploymentSpec, facts: Facts) -> int:
        most = facts.context_length
        if most and spec.context_length > most:
            raise InvalidError(
                f"context_length is {spec.context_length}; {spec.model!r} takes at most {most}", param="context_length"
            )
        return spec.context_length or min(most or self._settings.context_length, self._settings.context_length)

    async def _remote(self, spec: DeploymentSpec) -> Artifact:
        """Nobody knows the facts of a model outside; the deployment says its task, or the providers' abilities do."""
        providers: list[Provider] = []
        for place, upstream in enumerate(spec.upstreams):
            if upstream.upstream:
                providers.append(await self._provider(upstream.upstream, param=f"upstreams[{place}].upstream"))
        task = spec.task or task_of(spec.options.get("task"), providers)
        return Artifact(version=0, engine="remote", task=task, context_length=spec.context_length)

    async def _provider(self, name: str, *, param: str) -> Provider:
        try:
            return (await self._upstreams.upstream(NameUpstream(name=name))).provider
        except NotFoundError as error:
            raise NotFoundError(str(error), param=param) from error


def _references(spec: DeploymentSpec, serving: int | None) -> Sequence[str]:
    if spec.reference != STABLE:
        return (spec.reference,)
    return (STABLE, *(() if serving is None else (str(serving),)), LATEST)
