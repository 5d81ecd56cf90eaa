"""A snapshot, made ready for requests: every look-up is one step in a dictionary."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.metering.book import PriceBook
from tulou.contracts.routing.messages import Endpoint, Grant, Route, Share, Snapshot, Target
from tulou.contracts.routing.ring import Ring, ring_of_grants
from tulou.services.gateway.policy import Judge, Judges
from tulou.services.gateway.quota.keeper import Keeper
from tulou.services.gateway.quota.price import Served, UpperPrice
from tulou.services.gateway.quota.rules import Rules
from tulou.services.gateway.refusals import ModelNotFoundError, NoReplicaError, WrongEndpointError
from tulou.services.gateway.snapshot.mirror import Mirror
from tulou.services.gateway.stack.backend import PATHS, Fleet, priced_model_of
from tulou.services.gateway.stack.balance import Pool
from tulou.services.gateway.stack.balancers import BALANCERS
from tulou.services.gateway.stack.call import Completions
from tulou.services.gateway.stack.order import LOWER, UPPER, Blueprint, Builder, compose, innermost
from tulou.services.gateway.stack.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What `/v1/models` says of a model."""

    name: str
    created_at: float
    owner: str
    endpoints: tuple[Endpoint, ...]
    context_length: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The stack of one model at one endpoint."""

    model: str
    stack: Completions


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Immutable; requests in flight keep the one they began with."""

    revision: int
    house: str
    issued_at: float
    grants: Mapping[bytes, Grant]
    keys: Ring[Grant]
    prices: PriceBook
    lanes: Mapping[Endpoint, Mapping[str, Lane]]
    models: Mapping[str, Model]
    judge: Judge | None


@dataclass(frozen=True, slots=True)
class _Law:
    """What holds for every route of a snapshot."""

    judge: Judge | None
    keeper: Keeper | None


class Planner:
    """Compiles snapshots; the fleet carries over what is known of replicas, the keeper what is held of limits."""

    def __init__(self, site: Site, fleet: Fleet, plugins: Mapping[str, Builder], keeper: Keeper) -> None:
        self._site = site
        self._fleet = fleet
        self._plugins = plugins
        self._keeper = keeper
        self._judges = Judges()
        self._compiled: tuple[tuple[Snapshot, bool], Plan] | None = None

    def compile(self, mirror: Mirror) -> Plan:
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

    def _compile(self, snapshot: Snapshot, rules: Rules) -> Plan:
        targets = {target.deployment: target for target in snapshot.targets}
        routes = all_routes(snapshot)
        prices = PriceBook.compile(snapshot.prices)
        price = UpperPrice(prices, _served(routes, targets), clock=self._site.clock)
        self._keeper.compile(rules, price=price, currency=snapshot.prices.currency)
        law = _Law(self._judges.of(snapshot.policies), self._keeper if len(rules) else None)
        self._fleet.obey_epoch(snapshot.breaker_epoch)
        plan = Plan(
            revision=snapshot.revision,
            house=snapshot.house,
            issued_at=snapshot.issued_at,
            grants={},
            keys=ring_of_grants(),
            prices=prices,
            lanes={endpoint: self._lanes(endpoint, routes, targets, law) for endpoint in PATHS},
            models={model: _describe(route, targets) for model, route in sorted(routes.items())},
            judge=law.judge,
        )
        for backend in self._fleet.keep_only({replica.id for replica in _replicas(snapshot)}):
            self._site.client.forget(backend.origin)
        return plan

    def _lanes(
        self, endpoint: Endpoint, routes: Mapping[str, Route], targets: Mapping[str, Target], law: _Law
    ) -> dict[str, Lane]:
        able = {name: target for name, target in targets.items() if endpoint in target.endpoints}
        plans = {model: self._blueprint(endpoint, route, able, law) for model, route in routes.items()}
        usable = {model: plan for model, plan in plans.items() if plan.pools}
        lower = {model: compose(plan, LOWER, innermost(plan), self._plugins) for model, plan in usable.items()}
        return {model: Lane(model, self._upper(plan, lower)) for model, plan in usable.items()}

    def _upper(self, plan: Blueprint, lower: Mapping[str, Completions]) -> Completions:
        others = [(model, lower[model]) for model in plan.route.fallbacks if model in lower]
        return compose(replace(plan, others=others), UPPER, lower[plan.route.model], self._plugins)

    def _blueprint(self, endpoint: Endpoint, route: Route, able: Mapping[str, Target], law: _Law) -> Blueprint:
        pools = [
            self._pool(able[share.deployment], share.weight, route, self._site.random)
            for share in route.shares
            if share.deployment in able
        ]
        return Blueprint(
            site=self._site, route=route, endpoint=endpoint, pools=pools, judge=law.judge, keeper=law.keeper
        )

    def _pool(self, target: Target, weight: float, route: Route, random: Random) -> Pool:
        backends = tuple(self._fleet.take(replica) for replica in target.replicas)
        for backend in backends:
            backend.limit(target.context_length)
            backend.default(target.defaults)
        return Pool(target.deployment, weight, backends, BALANCERS[route.balance](backends, route, random))


def lane_of(plan: Plan, endpoint: Endpoint, model: str) -> Lane:
    """Return the lane of a model, or raise the error that says why there is none."""
    lane = plan.lanes[endpoint].get(model)
    if lane is not None:
        return lane
    known = plan.models.get(model)
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
    """Return the explicit routes, and an implicit one for every deployment that has none under its own name."""
    implicit = {
        target.deployment: Route(model=target.deployment, shares=(Share(deployment=target.deployment),))
        for target in snapshot.targets
    }
    return implicit | {route.model: route for route in snapshot.routes}


def _served(routes: Mapping[str, Route], targets: Mapping[str, Target]) -> dict[str, Served]:
    """Return who may answer each model: what it falls back to as well."""
    own = {
        model: {
            (priced_model_of(replica), replica.provider, replica.deployment, model)
            for share in route.shares
            if share.deployment in targets
            for replica in targets[share.deployment].replicas
        }
        for model, route in routes.items()
    }
    return {
        model: tuple(own[model].union(*(own.get(other, set()) for other in route.fallbacks)))
        for model, route in routes.items()
    }


def _replicas(snapshot: Snapshot) -> list[Replica]:
    return [replica for target in snapshot.targets for replica in target.replicas]


def _describe(route: Route, targets: Mapping[str, Target]) -> Model:
    found = [targets[share.deployment] for share in route.shares if share.deployment in targets]
    endpoints = {endpoint for target in found for endpoint in target.endpoints}
    return Model(
        name=route.model,
        created_at=min((target.created_at for target in found), default=0.0),
        owner=found[0].owner if found else "tulou",
        endpoints=tuple(endpoint for endpoint in PATHS if endpoint in endpoints),
        context_length=min((target.context_length for target in found if target.context_length), default=0),
    )
