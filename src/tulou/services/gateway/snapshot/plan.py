"""A snapshot, made ready for requests: every look-up is one step in a dictionary, but for names that fit a pattern."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.routing.messages import Endpoint, Grant, Route, Snapshot, TrafficShare
from tulou.rules.metering.book import PriceBook
from tulou.rules.routing.ring import DigestedMap, ring_of_grants
from tulou.services.gateway.policy import PolicyDecider, PolicyDeciders
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.quota.price import UpperPrice
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.refusals import ModelNotFoundError, NoReplicaError, WrongEndpointError
from tulou.services.gateway.snapshot.mirror import SnapshotMirror
from tulou.services.gateway.snapshot.models import ListedModel, ListedModels
from tulou.services.gateway.snapshot.served import ServedBy
from tulou.services.gateway.snapshot.stacks import RouteStack, RouteStacks, SnapshotRules, StackParts
from tulou.services.gateway.stack.admission import check_permitted
from tulou.services.gateway.stack.backend import PATHS
from tulou.services.gateway.stack.backends import Backends
from tulou.services.gateway.stack.order import Plugins
from tulou.services.gateway.stack.resources import StageResources


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPlan:
    """Immutable but for the lanes of names that fit a pattern; requests in flight keep the one they began with."""

    revision: int
    house: str
    issued_at: float
    grants: Mapping[bytes, Grant]
    keys: DigestedMap[Grant]
    prices: PriceBook
    lanes: Mapping[Endpoint, RouteStacks]
    models: ListedModels
    judge: PolicyDecider | None


class PlanCompiler:
    """Compiles snapshots; the fleet carries over what is known of replicas, the keeper what is held of limits."""

    def __init__(self, site: StageResources, fleet: Backends, plugins: Plugins, keeper: QuotaKeeper) -> None:
        self._site = site
        self._fleet = fleet
        self._plugins = plugins
        self._keeper = keeper
        self._judges = PolicyDeciders()
        self._compiled: tuple[tuple[Snapshot, bool], RequestPlan] | None = None

    def compile(self, mirror: SnapshotMirror) -> RequestPlan:
        """Return the plan of a snapshot, and bring the fleet up to it; keys and limits take no more than they are."""
        self._fleet.tenancy.lone = len(mirror.tenants) < 2  # noqa: PLR2004 - two are many
        standing = replace(mirror.standing, revision=0, issued_at=0.0), len(mirror.rules) > 0
        if self._compiled is None or self._compiled[0] != standing:
            self._compiled = standing, self._compile(standing[0], mirror.rules)
        else:
            self._keeper.obey(mirror.rules)
        return replace(
            self._compiled[1],
            revision=mirror.standing.revision,
            issued_at=mirror.standing.issued_at,
            grants=mirror.by_digest,
            keys=mirror.ring,
        )

    def _compile(self, snapshot: Snapshot, rules: LimitRules) -> RequestPlan:
        targets = {target.deployment: target for target in snapshot.targets}
        routes = all_routes(snapshot)
        prices = PriceBook.compile(snapshot.prices)
        price = UpperPrice(prices, ServedBy(routes, targets), clock=self._site.clock)
        self._keeper.compile(rules, price=price, currency=snapshot.prices.currency)
        law = SnapshotRules(self._judges.of(snapshot.policies), self._keeper if len(rules) else None)
        self._fleet.obey_epoch(snapshot.breaker_epoch)
        replicas = _replicas(snapshot)
        for replica in replicas:
            self._fleet.take(replica)
        models = ListedModels(routes, targets)
        kit = StackParts(site=self._site, fleet=self._fleet, plugins=self._plugins, law=law)
        plan = RequestPlan(
            revision=snapshot.revision,
            house=snapshot.house,
            issued_at=snapshot.issued_at,
            grants={},
            keys=ring_of_grants(),
            prices=prices,
            lanes={
                endpoint: RouteStacks(endpoint, routes, targets, kit=kit, listed=models.listed) for endpoint in PATHS
            },
            models=models,
            judge=law.judge,
        )
        for backend in self._fleet.keep_only({replica.id for replica in replicas}):
            self._site.client.forget(backend.origin)
        return plan


def lane_of(plan: RequestPlan, endpoint: Endpoint, model: str, grant: Grant) -> RouteStack:
    """Return the lane of a model, or raise the error that says why there is none.

    One of a name that fits a pattern is made for those alone who may use the model: there is room for a few of them.
    """
    lanes = plan.lanes[endpoint]
    if lanes.fits(model):
        check_permitted(grant, model)
    lane = lanes.get(model)
    if lane is not None:
        return lane
    known: ListedModel | None = plan.models.find(model)
    if known is None:
        raise ModelNotFoundError(
            f"the model {model!r} does not exist or you have no access to it; GET /v1/models lists yours", param="model"
        )
    if not known.endpoints:
        raise NoReplicaError(f"the model {model!r} has no deployment now; `tulou status` says why", retry_after_s=1.0)
    raise WrongEndpointError(
        f"the model {model!r} does not do {endpoint}; it does {', '.join(known.endpoints)}", param="model"
    )


def all_routes(snapshot: Snapshot) -> dict[str, Route]:
    """Return the explicit routes, and an implicit one for every deployment that has none under its own name.

    Control says all that lead to deployments for many models.
    """
    implicit = {
        target.deployment: Route(model=target.deployment, shares=(TrafficShare(deployment=target.deployment),))
        for target in snapshot.targets
        if not target.wildcard
    }
    return implicit | {route.model: route for route in snapshot.routes}


def _replicas(snapshot: Snapshot) -> list[Replica]:
    return [replica for target in snapshot.targets for replica in target.replicas]
