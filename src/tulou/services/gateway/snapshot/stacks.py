"""The lanes of one endpoint: a stack for each model that has a route, and for the names that fit a pattern."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tulou.contracts.routing.messages import Endpoint, Route, Target
from tulou.rules.routing.patterns import Patterns, filled, is_pattern
from tulou.services.gateway.lru import LruCache
from tulou.services.gateway.policy import PolicyDecider
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.backends import Backends
from tulou.services.gateway.stack.balance import DeploymentPool
from tulou.services.gateway.stack.balancers import BALANCERS
from tulou.services.gateway.stack.call import Stage
from tulou.services.gateway.stack.order import LOWER, UPPER, Blueprint, Plugins, compose, innermost
from tulou.services.gateway.stack.resources import StageResources

LANES_CAP = 128
"""Lanes at an endpoint of names that fit a pattern and that no vendor lists: anybody can make such names up."""


@dataclass(frozen=True, slots=True)
class RouteStack:
    """The stack of one model at one endpoint; `series` is what metrics count it by, `model` unless that is made up."""

    model: str
    stack: Stage
    series: str


@dataclass(frozen=True, slots=True)
class SnapshotRules:
    """What holds for every route of a snapshot."""

    judge: PolicyDecider | None
    keeper: QuotaKeeper | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StackParts:
    """What lanes are built with."""

    site: StageResources
    fleet: Backends
    plugins: Plugins
    law: SnapshotRules


class RouteStacks:
    """Made of the routes of a snapshot at once; those of names that fit a pattern are made when they are asked for.

    `listed` are names that fit a pattern and that a vendor lists: their lanes stay, others make room for each other.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        routes: Mapping[str, Route],
        targets: Mapping[str, Target],
        *,
        kit: StackParts,
        listed: Iterable[str] = (),
    ) -> None:
        self._endpoint: Endpoint = endpoint
        self._kit = kit
        self._routes = routes
        self._able = {name: target for name, target in targets.items() if endpoint in target.endpoints}
        self._patterns = Patterns(routes)
        self._listed = frozenset(listed)
        named = {model: self._blueprint(route, model) for model, route in routes.items() if not is_pattern(model)}
        usable = {model: plan for model, plan in named.items() if plan.pools}
        self._plans = usable
        self._lower = {model: self._inner(plan) for model, plan in usable.items()}
        self._lanes = {model: RouteStack(model, self._upper(plan), model) for model, plan in usable.items()}
        self._fitting: LruCache[RouteStack] = LruCache(LANES_CAP)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that have a route of their own name here."""
        return tuple(self._lanes)

    def fits(self, model: str) -> bool:
        """Say whether a model has no lane of its own name, and one would be made since it fits a pattern."""
        return bool(self._patterns) and model not in self._lanes and self._patterns.find(model) is not None

    def get(self, model: str) -> RouteStack | None:
        """Return the lane of a model, None where no deployment does this for it."""
        lane = self._lanes.get(model)
        if lane is None and self._patterns:
            lane = self._fitting.get(model) or self._made(model)
        return lane

    def _made(self, model: str) -> RouteStack | None:
        """Make the lane of a name that fits a pattern: all that it stands on knows it by that name."""
        found = self._patterns.find(model)
        if found is None:
            return None
        pattern, part = found
        plan = self._fitted(pattern, model, part)
        if not plan.pools:
            return None
        listed = model in self._listed
        lane = RouteStack(model, self._upper(plan), model if listed else pattern)
        if listed:
            self._lanes[model] = lane
        else:
            self._fitting.put(model, lane)
        return lane

    def _fitted(self, pattern: str, model: str, part: str) -> Blueprint:
        route = self._routes[pattern]
        fallbacks = tuple(filled(fallback, part) for fallback in route.fallbacks)
        return self._blueprint(replace(route, model=model, fallbacks=fallbacks), part)

    def _upper(self, plan: Blueprint) -> Stage:
        found = [(model, self._fallback(model)) for model in plan.route.fallbacks if model != plan.route.model]
        plans = [(model, other) for model, other in found if other is not None]
        others = [(model, self._lower.get(model) or self._inner(other)) for model, other in plans]
        lower = self._lower.get(plan.route.model) or self._inner(plan)
        return compose(replace(plan, others=others, most=_most_told(plan)), UPPER, lower, self._kit.plugins)

    def _fallback(self, model: str) -> Blueprint | None:
        """Return the plan of a model that another falls back to."""
        if model in self._plans:
            return self._plans[model]
        found = self._patterns.find(model)
        plan = self._fitted(found[0], model, found[1]) if found is not None else None
        return plan if plan is not None and plan.pools else None

    def _inner(self, plan: Blueprint) -> Stage:
        return compose(plan, LOWER, innermost(plan), self._kit.plugins)

    def _blueprint(self, route: Route, part: str) -> Blueprint:
        pools = [
            self._pool(self._able[share.deployment], share.weight, route, part)
            for share in route.shares
            if share.deployment in self._able
        ]
        law = self._kit.law
        return Blueprint(
            site=self._kit.site,
            route=route,
            endpoint=self._endpoint,
            pools=pools,
            judge=law.judge,
            keeper=law.keeper,
        )

    def _pool(self, target: Target, weight: float, route: Route, part: str) -> DeploymentPool:
        backends = self._backends(target, part)
        for backend in backends:
            backend.limit(target.context_length)
            backend.default(target.defaults)
        choose = BALANCERS[route.balance](backends, route, self._kit.site.random)
        return DeploymentPool(target.deployment, weight, backends, choose)

    def _backends(self, target: Target, part: str) -> tuple[Backend, ...]:
        fleet = self._kit.fleet
        return tuple(
            fleet.named(replica, part) if is_pattern(replica.upstream_model) else fleet.at(replica)
            for replica in target.replicas
        )


def _most_told(plan: Blueprint) -> int:
    """Return the highest cap on output that any of its replicas is told where a client says none; 0: none is.

    Its fallbacks do not count, which most requests never see: they are told no more than was set aside.
    """
    backends = (backend for pool in plan.pools for backend in pool.backends)
    return max((backend.told_cap for backend in backends), default=0) if plan.keeper is not None else 0
