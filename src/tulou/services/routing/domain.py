"""Rules of routes, and how a snapshot is put together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from math import isfinite
from typing import get_args

from tulou.contracts.discovery.messages import LiveReplica
from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.contracts.governance.messages import PolicySet
from tulou.contracts.identity.messages import KeyGrant
from tulou.contracts.metering.messages import PriceList
from tulou.contracts.routing.messages import Grant, Route, Target, TrafficShare
from tulou.contracts.serving.messages import Deployment, ServedTask
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.kernel.message import message
from tulou.rules.routing.patterns import NAME_MOST, WILDCARD, answers_many, covers, implicit_model, is_pattern

_TASKS: tuple[ServedTask, ...] = get_args(ServedTask)
ENDPOINTS: Mapping[str, tuple[Endpoint, ...]] = {
    task: endpoints_where(lambda facts, task=task: task in facts.tasks) for task in _TASKS
}
"""What a model of each task can be asked, in whichever dialect the client speaks."""


@message
class SourceState:
    """What all sources said last, but for keys and limits."""

    deployments: tuple[Deployment, ...]
    replicas: tuple[LiveReplica, ...]
    routes: tuple[Route, ...]
    breaker_epoch: int
    prices: PriceList
    policies: PolicySet


def grants(keys: Iterable[KeyGrant]) -> tuple[Grant, ...]:
    """Return valid keys as the data plane knows them."""
    return tuple(
        Grant(
            key=key.key,
            digest=key.digest,
            tenant=key.tenant,
            principal=key.principal,
            scopes=key.scopes,
            models=key.models,
            expires_at=key.expires_at,
            project=key.project,
            kind=key.kind,
            roles=key.roles,
            attributes=key.attributes,
            blocked=key.blocked,
            disabled=key.disabled,
            makers=key.makers,
        )
        for key in keys
    )


def targets(deployments: Iterable[Deployment], live: Iterable[LiveReplica]) -> tuple[Target, ...]:
    """Return each deployment that is to stay, with its replicas that may get new requests."""
    ready = [entry.replica for entry in live if entry.health == "ready"]
    return tuple(
        Target(
            deployment=deployment.spec.name,
            endpoints=ENDPOINTS[deployment.task],
            replicas=tuple(replica for replica in ready if replica.deployment == deployment.spec.name),
            created_at=deployment.created_at,
            context_length=deployment.context_length,
            defaults=deployment.spec.defaults,
            wildcard=is_wildcard(deployment),
        )
        for deployment in deployments
        if deployment.state != "deleting"
    )


def parts(known: SourceState) -> Mapping[str, object]:
    """Return all that a snapshot has beside its grants and limits, by the names of its fields."""
    reached = targets(known.deployments, known.replicas)
    return {
        "breaker_epoch": known.breaker_epoch,
        "routes": answering(known.routes, {target.deployment: target.wildcard for target in reached}),
        "targets": reached,
        "prices": known.prices,
        "policies": known.policies,
    }


def is_wildcard(deployment: Deployment) -> bool:
    """Say whether a deployment answers for many models."""
    return answers_many(entry.model for entry in deployment.spec.upstreams)


def answering(routes: Sequence[Route], deployments: Mapping[str, bool]) -> tuple[Route, ...]:
    """Return the routes that the data plane goes by, by model name: those made, and those that come with deployments.

    `deployments` say whether they answer for many models. One that does has an implicit route under `name/*`, and only
    if no other leads to it, so that none of its models has two names.
    """
    routed = {share.deployment for route in routes for share in route.shares}
    by_model = {
        (model := implicit_model(name, wildcard=many)): Route(model=model, shares=(TrafficShare(deployment=name),))
        for name, many in deployments.items()
        if not (many and name in routed)
    }
    by_model |= {route.model: route for route in routes}
    return tuple(by_model[model] for model in sorted(by_model))


def check(route: Route, *, deployments: Mapping[str, bool], routes: Mapping[str, Route]) -> None:
    """Raise `InvalidError` or `NotFoundError` naming what makes the route impossible; `routes` are the others.

    `deployments` say whether they answer for many models.
    """
    _check_name(route.model)
    _check_numbers(route)
    for share in route.shares:
        if share.deployment not in deployments:
            raise NotFoundError(_unknown("deployment", share.deployment, list(deployments)), param="shares")
    implicit = {implicit_model(name, wildcard=wildcard) for name, wildcard in deployments.items()}
    known = {*routes, *implicit, route.model}
    for model in route.fallbacks:
        _check_fallback(route.model, model)
        if model not in known and not covers(known, model):
            raise NotFoundError(_unknown("model", model, sorted(known)), param="fallbacks")
    circle = _circle(route.model, {**{name: r.fallbacks for name, r in routes.items()}, route.model: route.fallbacks})
    if circle:
        raise InvalidError(f"the fallbacks go in a circle: {' -> '.join(circle)}; leave one out", param="fallbacks")


def _check_name(model: str) -> None:
    if not 0 < len(model) <= NAME_MOST or not model.isprintable() or model.count(WILDCARD) > 1:
        raise InvalidError(f"model: 1 to {NAME_MOST} printable characters, with at most one `*`", param="model")


def _check_fallback(model: str, fallback: str) -> None:
    _check_name(fallback)
    if is_pattern(fallback) and not is_pattern(model):
        raise InvalidError(
            f"the fallback {fallback!r} has a `*`, and {model!r} has none to stand for it", param="fallbacks"
        )


def _check_numbers(route: Route) -> None:
    if not route.shares:
        raise InvalidError(f"the route of {route.model!r} names no deployment; give it at least one", param="shares")
    _check_finite(route)
    if any(share.weight < 0 for share in route.shares) or not any(share.weight > 0 for share in route.shares):
        raise InvalidError("weights must be 0 or more, and one of them above 0", param="shares")
    if not 1 <= route.retry.attempts <= 10:  # noqa: PLR2004 - more only adds to an overload
        raise InvalidError(f"attempts is {route.retry.attempts}; it must be from 1 to 10", param="retry.attempts")
    if route.retry.factor < 1 or not 0 <= route.retry.jitter <= 1 or route.retry.budget < 0:
        raise InvalidError("factor must be 1 or more, jitter from 0 to 1, budget 0 or more", param="retry")
    times = (route.deadlines.connect_s, route.deadlines.first_byte_s, route.deadlines.idle_s, route.deadlines.total_s)
    if min(times) <= 0:
        raise InvalidError("every deadline must be above 0 seconds", param="deadlines")
    if (
        min(route.breaker.failures, route.breaker.successes) < 1
        or min(route.breaker.window_s, route.breaker.open_s) <= 0
    ):
        raise InvalidError("a breaker needs counts of 1 or more and times above 0", param="breaker")


def _check_finite(route: Route) -> None:
    """Refuse infinities and what is no number: a stored route holds JSON, which has neither."""
    for param, part in (("retry", route.retry), ("breaker", route.breaker), ("deadlines", route.deadlines)):
        for field in fields(part):
            number: float | None = getattr(part, field.name)
            if number is not None and not isfinite(number):
                raise InvalidError(f"{field.name} is {number}; it must be a number", param=f"{param}.{field.name}")
    if not all(isfinite(share.weight) for share in route.shares):
        raise InvalidError("weights must be numbers", param="shares")


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    return f"no {kind} named {name!r}; there are {', '.join(known) or 'none yet'}"


def _circle(start: str, fallbacks: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a way along fallbacks from a model back to itself, or nothing."""
    ways = [[start, following] for following in fallbacks.get(start, ())]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        if way[-1] == start:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, following] for following in fallbacks.get(way[-1], ())]
    return []
