"""Messages of the discovery contract."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tulou.contracts.discovery.entry import NO_DEADLINES, NO_DEFAULTS, CallDeadlines, RequestDefaults
from tulou.kernel.message import message

ReplicaHealth = Literal["ready", "draining"]
UpstreamDialect = Literal["openai", "responses", "anthropic", "gemini", "bedrock"]
"""What an engine or a vendor speaks; `openai` is chat completions with all that hangs on them."""

Modality = Literal["text", "image", "audio", "video"]


@message
class ReplicaLoad:
    """How busy a replica said it was."""

    running: int = 0
    waiting: int = 0
    cache_usage: float = 0.0


@message
class ReplicaCredential:
    """One of several proofs that an upstream takes: the headers that it comes as."""

    id: str
    headers: tuple[tuple[str, str], ...]


@message
class Replica:
    """A place that answers for a deployment.

    `url` ends before `/v1`; `headers` go with every call; `upstream_model` replaces the request's model when set;
    `named_tools` says that a `tool_choice` which names its tools is understood there, as OpenAI understands it.

    Upstreams at vendors also say which `dialect` they speak, which of `capabilities` they have (empty: not known, so
    all is tried), `paths` of endpoints that differ from the dialect's own (with `{model}`), and `credentials`, of which
    each call takes one; `signing` names how requests are signed with it. `max_tokens_field` is the name that a vendor
    of the dialect `openai` gives to the cap on output. `model` is what the registry calls what a replica of the house
    has loaded. `modalities` are what a request may bring (empty: not known), `longest_token` the bytes of the
    tokenizer's longest token (0: not known).

    `defaults`, `extra_body` and `deadlines` are what the deployment's entry says of calls: what is asked where a client
    says nothing, JSON that is merged into each body, and times in place of the route's. A `*` in `upstream_model`
    stands for a part of the name that a client says; `models` are then the names that the vendor lists. `omit` are
    fields that are never sent. `developer_role`: messages of that role are understood there.
    """

    id: str
    deployment: str
    generation: int
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    upstream_model: str = ""
    weight: float = 1.0
    concurrency: int = 0
    place: str = ""
    named_tools: bool = True
    provider: str = "tulou"
    dialect: UpstreamDialect = "openai"
    capabilities: tuple[str, ...] = ()
    paths: tuple[tuple[str, str], ...] = ()
    credentials: tuple[ReplicaCredential, ...] = ()
    signing: Literal["", "aws"] = ""
    max_tokens_field: str = ""
    model: str = ""
    modalities: tuple[Modality, ...] = ()
    longest_token: int = 0
    defaults: RequestDefaults = NO_DEFAULTS
    extra_body: Mapping[str, object] = field(default_factory=dict[str, object])
    deadlines: CallDeadlines = NO_DEADLINES
    models: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    developer_role: bool = False


@message
class Announce:
    """I live, this is how I am reached, and I shall say so again before `ttl_s` seconds are over."""

    replica: Replica
    load: ReplicaLoad = ReplicaLoad()
    ttl_s: float = 2.0


@message
class Announced:
    """The lease is kept; `draining` asks the replica to finish what it has."""

    draining: bool = False


@message
class NameReplica:
    """Which replica is meant."""

    id: str


@message
class LiveReplica:
    """A replica as discovery sees it."""

    replica: Replica
    health: ReplicaHealth
    load: ReplicaLoad
    since: float
    seen_at: float


@message
class WatchReplicas:
    """Say how it is now, then again at every change; `after` is the last revision that was seen."""

    after: int = -1


@message
class ReplicaSet:
    """All replicas under lease; the revision grows when one comes, goes, or begins to drain."""

    revision: int
    replicas: tuple[LiveReplica, ...]
