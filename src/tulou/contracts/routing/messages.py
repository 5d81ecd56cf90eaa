"""Messages of the routing contract: routes, and the snapshot that the data plane lives from."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tulou.contracts.discovery.entry import NO_DEFAULTS, RequestDefaults
from tulou.contracts.discovery.messages import Replica
from tulou.contracts.endpoints import Endpoint
from tulou.contracts.governance.messages import Attribute, PolicySet
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import PriceList
from tulou.kernel.message import message

Balance = Literal["power_of_two", "round_robin", "random", "weighted", "least_connections", "consistent_hash"]

WHOLE = -1
"""The revision of nothing: what is made for it is whole."""


@message
class TrafficShare:
    """A deployment's part of a route's traffic."""

    deployment: str
    weight: float = 1.0


@message
class RetryPolicy:
    """Attempts within one deployment; times in seconds. A share of the traffic, `budget`, may be retries."""

    attempts: int = 3
    backoff_s: float = 0.05
    factor: float = 1.5
    backoff_max_s: float = 30.0
    jitter: float = 0.2
    budget: float = 0.2
    hedge_after_s: float | None = None


@message
class BreakerPolicy:
    """When to stop calling a replica that fails: timeouts, connect errors and 5xx count, 4xx never does."""

    failures: int = 10
    window_s: float = 120.0
    open_s: float = 60.0
    successes: int = 3


@message
class Deadlines:
    """How long each part may take, in seconds; the error names the one that passed."""

    connect_s: float = 2.0
    first_byte_s: float = 120.0
    idle_s: float = 60.0
    total_s: float = 600.0


@message
class Route:
    """The rule from a model name to deployments. Every deployment has an implicit route under its own name.

    A `model` with one `*` is a pattern: it answers for every name that fits and has no route of its own, the longest
    pattern first. What stands for the `*` is what stands for it in the entries' models, and in the fallbacks.
    """

    model: str
    shares: tuple[TrafficShare, ...]
    fallbacks: tuple[str, ...] = ()
    balance: Balance = "power_of_two"
    hash_by: Literal["key", "user", "prefix"] = "user"
    retry: RetryPolicy = RetryPolicy()
    breaker: BreakerPolicy = BreakerPolicy()
    deadlines: Deadlines = Deadlines()


@message
class ValidateRoutes:
    """All routes that would be there; `deployments` are the names of those that would."""

    items: tuple[Route, ...]
    deployments: tuple[str, ...] = ()


@message
class Grant:
    """What the data plane knows of a key: `digest` is the SHA-256 of the secret in hex; times are Unix seconds.

    `blocked` says why the key may do nothing although it is valid: its tenant or its principal is suspended, or the
    key itself is `disabled`. `makers` are the keys whose limits bind it beside its own.
    """

    key: str
    digest: str
    tenant: str
    principal: str
    scopes: tuple[str, ...]
    models: tuple[str, ...] = ("*",)
    expires_at: float | None = None
    project: str = "default"
    kind: Literal["user", "service"] = "user"
    roles: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    blocked: str = ""
    disabled: bool = False
    makers: tuple[str, ...] = ()


@message
class Target:
    """A deployment with those of its replicas that may be called now; `defaults` are those of its requests.

    `wildcard`: its entries answer for many models.
    """

    deployment: str
    endpoints: tuple[Endpoint, ...]
    replicas: tuple[Replica, ...]
    created_at: float
    owner: str = "tulou"
    context_length: int = 0
    defaults: RequestDefaults = NO_DEFAULTS
    wildcard: bool = False


@message
class Snapshot:
    """All a gateway needs to answer on its own; applied whole or not at all."""

    revision: int
    house: str
    issued_at: float
    grants: tuple[Grant, ...]
    routes: tuple[Route, ...]
    targets: tuple[Target, ...]
    breaker_epoch: int = 0
    limits: tuple[Limit, ...] = ()
    prices: PriceList = PriceList(items=(), version=0)
    policies: PolicySet = PolicySet()


@message
class Update:
    """What makes the snapshot of revision `since` the one of `revision`; a whole one if `since` is `WHOLE`.

    `grants` and `limits` are those that were made or changed, `ended` the keys and `limits_ended` the names that are no
    more; `digest` is that of all grants and limits as they are then (`rules.routing.ring`). Any other part is
    whole, or None if it is as it was. `more`: it goes on in the next message (`rules.routing.pieces`).
    """

    revision: int
    house: str
    issued_at: float
    digest: str
    grants: tuple[Grant, ...] = ()
    ended: tuple[str, ...] = ()
    since: int = WHOLE
    breaker_epoch: int | None = None
    routes: tuple[Route, ...] | None = None
    targets: tuple[Target, ...] | None = None
    limits: tuple[Limit, ...] = ()
    limits_ended: tuple[str, ...] = ()
    more: bool = False
    prices: PriceList | None = None
    policies: PolicySet | None = None


@message
class WatchSnapshot:
    """Say what differs from the snapshot that a gateway has, then again at every change, as long as the line is open.

    `applied` and `digest` are the revision and the digest of what it has; with neither it is told the whole.
    """

    gateway: str
    applied: int = WHOLE
    digest: str = ""


@message
class NameRoute:
    """Which route is meant, by its model name."""

    model: str


@message
class ListRoutes:
    """All routes, implicit ones too."""


@message
class RouteList:
    """Routes in the order of their model names; `implicit` are the models of those that come with deployments."""

    items: tuple[Route, ...]
    implicit: tuple[str, ...] = ()


@message
class ResetBreakers:
    """Close every breaker of every gateway."""
