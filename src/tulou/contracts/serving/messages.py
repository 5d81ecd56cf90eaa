"""Messages of the serving contract."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tulou.contracts.discovery.entry import NO_DEADLINES, NO_DEFAULTS, CallDeadlines, RequestDefaults
from tulou.contracts.endpoints import ServedTask
from tulou.kernel.message import message

OptionValue = str | int | float | bool
ReplicaState = Literal[
    "pending", "scheduled", "starting", "warming", "running", "draining", "stopped", "failed", "unreachable"
]
DeploymentState = Literal["progressing", "ready", "degraded", "stopped", "failed", "deleting"]


@message
class UpstreamTarget:
    """A place outside that answers for the model, as `model`: an account of the service `upstreams`, or an address.

    `upstream` names the account, whose address, dialect and credentials are used. Without one, `base_url` is that of an
    OpenAI-compatible API: what stands before `/chat/completions`, usually with `/v1`; `secret` is then a reference,
    `env://NAME`, `file://PATH` or `secret://NAME`, never the secret itself. Traffic is shared by `weight`.

    A `*` in `model` stands for what the client's name has in the place of the `*` of its route, so that one entry
    answers for many models, or for all of the account. `defaults` are asked where a client says nothing; they go before
    those of the deployment. `extra_body` is merged into each body that is sent there, and goes before what a client
    says. `deadlines` hold in the place of the route's.
    """

    model: str
    upstream: str = ""
    base_url: str = ""
    secret: str = ""
    weight: float = 1.0
    defaults: RequestDefaults = NO_DEFAULTS
    extra_body: Mapping[str, object] = field(default_factory=dict[str, object])
    deadlines: CallDeadlines = NO_DEADLINES


@message
class DeploymentSpec:
    """What is wanted: a version of a model (number or alias), so many replicas, on this engine.

    `engine` "auto" chooses by format, architecture and this machine; `upstreams` is for engine "remote" alone, one
    replica each. `name` is what clients send as `model`. `task` is for upstreams alone, of which nothing else is known;
    when empty it is the first that their provider can do. `defaults` are asked where a client says nothing.
    """

    name: str
    model: str = ""
    reference: str = "stable"
    engine: str = "auto"
    replicas: int = 1
    concurrency: int = 4
    context_length: int = 0
    options: Mapping[str, OptionValue] = field(default_factory=dict[str, OptionValue])
    upstreams: tuple[UpstreamTarget, ...] = ()
    start_deadline_s: float = 120.0
    drain_deadline_s: float = 30.0
    task: ServedTask | Literal[""] = ""
    defaults: RequestDefaults = NO_DEFAULTS


@message
class ValidateDeployments:
    """Deployments that are to be made or changed."""

    items: tuple[DeploymentSpec, ...]


@message
class ReplicaStatus:
    """One replica: its state, why it is in it, since when, and until when it may be (None: for ever)."""

    id: str
    deployment: str
    generation: int
    version: int
    engine: str
    state: ReplicaState
    why: str
    since: float
    deadline: float | None
    place: str = ""
    url: str = ""
    restarts: int = 0
    running: int = 0
    waiting: int = 0


@message
class Deployment:
    """What is wanted and what is."""

    spec: DeploymentSpec
    generation: int
    version: int
    task: ServedTask
    engine: str
    context_length: int
    state: DeploymentState
    why: str
    since: float
    created_at: float
    replicas: tuple[ReplicaStatus, ...]


@message
class ChangeDeployment:
    """Change what is not None; a new model, reference, engine, option or upstream rolls the replicas over."""

    name: str
    model: str | None = None
    reference: str | None = None
    engine: str | None = None
    replicas: int | None = None
    concurrency: int | None = None
    context_length: int | None = None
    options: Mapping[str, OptionValue] | None = None
    upstreams: tuple[UpstreamTarget, ...] | None = None
    task: ServedTask | Literal[""] | None = None
    start_deadline_s: float | None = None
    drain_deadline_s: float | None = None
    defaults: RequestDefaults | None = None


@message
class NameDeployment:
    """Which deployment is meant."""

    name: str


@message
class DeleteDeployment:
    """Drain and remove; with `force`, end the workers at once and forget them whatever their state."""

    name: str
    force: bool = False


@message
class RestartDeployment:
    """Replace all replicas one by one, or the one that is named."""

    name: str
    replica: str = ""


@message
class ListDeployments:
    """All deployments, by name."""


@message
class DeploymentList:
    """Deployments in the order of their names."""

    items: tuple[Deployment, ...]
