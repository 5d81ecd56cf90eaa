"""What a generation of a deployment is made of, settled when it is asked for."""

from tulou.contracts.registry.messages import Facts
from tulou.contracts.serving.messages import DeploymentSpec, DeploymentState, ServedTask
from tulou.kernel.message import message
from tulou.ports.launcher import WorkerFile
from tulou.services.serving.domain.values import WantedDeployment


@message
class Artifact:
    """The version that is loaded, on which engine, with how much context; `need` is bytes of memory for one replica."""

    version: int
    engine: str
    task: ServedTask
    context_length: int
    need: int = 0
    files: tuple[WorkerFile, ...] = ()
    facts: Facts | None = None


@message
class StoredDeployment:
    """A deployment as the table has it."""

    spec: DeploymentSpec
    generation: int
    artifact: Artifact
    deleting: bool
    state: DeploymentState
    why: str
    since: float
    created_at: float

    @property
    def remote(self) -> bool:
        """Whether upstreams answer for it."""
        return bool(self.spec.upstreams)

    def wanted(self) -> WantedDeployment:
        """Return what the rules need to know of it."""
        spec = self.spec
        replicas = min(spec.replicas, 1) * len(spec.upstreams) if self.remote else spec.replicas
        return WantedDeployment(
            name=spec.name,
            generation=self.generation,
            replicas=replicas,
            remote=self.remote,
            deleting=self.deleting,
            need=self.artifact.need,
            start_deadline_s=spec.start_deadline_s,
            drain_deadline_s=spec.drain_deadline_s,
        )
