"""Routes that cannot work are refused, and a snapshot holds just what may be called."""

from dataclasses import replace
from math import inf, nan

import pytest

from tulou.contracts.discovery.messages import LiveReplica, Replica, ReplicaLoad
from tulou.contracts.routing.messages import BreakerPolicy, Deadlines, RetryPolicy, Route, TrafficShare
from tulou.contracts.serving.messages import Deployment, DeploymentSpec, DeploymentState, UpstreamTarget
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.services.routing.domain import answering, check, targets


def deployment(name: str, *, state: DeploymentState = "ready") -> Deployment:
    return Deployment(
        spec=DeploymentSpec(name=name),
        generation=1,
        version=1,
        task="chat",
        engine="llamacpp",
        context_length=512,
        state=state,
        why="",
        since=0,
        created_at=0,
        replicas=(),
    )


def live(name: str, *, of: str, draining: bool = False) -> LiveReplica:
    replica = Replica(id=name, deployment=of, generation=1, url="http://127.0.0.1:1")
    return LiveReplica(
        replica=replica, health="draining" if draining else "ready", load=ReplicaLoad(), since=0, seen_at=0
    )


def route(model: str, *shares: str, fallbacks: tuple[str, ...] = ()) -> Route:
    return Route(model=model, shares=tuple(TrafficShare(deployment=name) for name in shares), fallbacks=fallbacks)


def test_a_deployment_gets_its_replicas_that_are_ready_and_no_others() -> None:
    found = targets(
        [deployment("a"), deployment("b")], [live("one", of="a"), live("two", of="a", draining=True), live("x", of="c")]
    )

    assert [(target.deployment, [replica.id for replica in target.replicas]) for target in found] == [
        ("a", ["one"]),
        ("b", []),
    ]


def test_a_deployment_that_is_being_deleted_is_no_target() -> None:
    assert targets([deployment("a", state="deleting")], [live("one", of="a")]) == ()


def test_a_route_of_ones_own_stands_before_the_one_that_comes_with_the_deployment() -> None:
    made = route("a", "b")

    assert answering([made], {"a": False, "b": False}) == (made, route("b", "b"))


def test_an_unknown_deployment_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="no deployment named 'c'; there are a, b"):
        check(route("m", "c"), deployments={"a": False, "b": False}, routes={})


def test_an_unknown_fallback_is_named() -> None:
    with pytest.raises(NotFoundError, match="no model named 'ghost'"):
        check(route("m", "a", fallbacks=("ghost",)), deployments={"a": False}, routes={})


def test_fallbacks_in_a_circle_are_refused_and_shown() -> None:
    others = {"n": route("n", "a", fallbacks=("o",)), "o": route("o", "a", fallbacks=("m",))}

    with pytest.raises(InvalidError, match="in a circle: m -> n -> o -> m"):
        check(route("m", "a", fallbacks=("n",)), deployments={"a": False}, routes=others)


def test_a_circle_elsewhere_does_not_hang_the_check() -> None:
    others = {"n": route("n", "a", fallbacks=("o",)), "o": route("o", "a", fallbacks=("n",))}

    check(route("m", "a", fallbacks=("n",)), deployments={"a": False}, routes=others)


@pytest.mark.parametrize(
    "bad",
    [
        Route(model="m", shares=()),
        Route(model="m", shares=(TrafficShare(deployment="a", weight=-1),)),
        Route(model="m", shares=(TrafficShare(deployment="a", weight=0),)),
        Route(model="m", shares=(TrafficShare(deployment="a"),), retry=RetryPolicy(attempts=0)),
        Route(model="m", shares=(TrafficShare(deployment="a"),), retry=RetryPolicy(jitter=2)),
        Route(model="m", shares=(TrafficShare(deployment="a"),), breaker=BreakerPolicy(failures=0)),
        Route(model="m", shares=(TrafficShare(deployment="a"),), deadlines=Deadlines(total_s=0)),
        Route(model="m", shares=(TrafficShare(deployment="a", weight=inf),)),
        Route(model="m", shares=(TrafficShare(deployment="a"), TrafficShare(deployment="a", weight=nan))),
        Route(model="m", shares=(TrafficShare(deployment="a"),), retry=RetryPolicy(hedge_after_s=nan)),
        Route(model="m", shares=(TrafficShare(deployment="a"),), retry=RetryPolicy(backoff_s=inf)),
        Route(model="m", shares=(TrafficShare(deployment="a"),), breaker=BreakerPolicy(window_s=inf)),
        Route(model="m", shares=(TrafficShare(deployment="a"),), deadlines=Deadlines(total_s=nan)),
    ],
)
def test_impossible_numbers_are_refused_and_named(bad: Route) -> None:
    with pytest.raises(InvalidError) as caught:
        check(bad, deployments={"a": False}, routes={})

    assert caught.value.param


def many(name: str) -> Deployment:
    entries = (UpstreamTarget(upstream="account", model="*"),)
    return replace(deployment(name), spec=DeploymentSpec(name=name, upstreams=entries))


def test_a_deployment_of_many_models_answers_under_its_name_unless_a_route_leads_to_it() -> None:
    reached = targets([many("openai"), deployment("a")], [])
    assert [target.wildcard for target in reached] == [True, False]
    deployments = {target.deployment: target.wildcard for target in reached}
    assert answering((), deployments) == (route("a", "a"), route("openai/*", "openai"))
    made = route("gpt/*", "openai")
    assert answering((made,), deployments) == (route("a", "a"), made)


def test_a_fallback_may_be_a_name_that_fits_a_pattern_and_a_pattern_only_where_something_stands_for_it() -> None:
    deployments = {"a": False, "openai": True}
    check(route("m", "a", fallbacks=("openai/gpt",)), deployments=deployments, routes={})
    check(route("x/*", "a", fallbacks=("openai/*",)), deployments=deployments, routes={})
    with pytest.raises(NotFoundError, match="ghost/gpt"):
        check(route("m", "a", fallbacks=("ghost/gpt",)), deployments=deployments, routes={})
    with pytest.raises(NotFoundError, match="openai"):
        check(route("m", "a", fallbacks=("openai",)), deployments=deployments, routes={})
    with pytest.raises(InvalidError, match="none to stand for it"):
        check(route("m", "a", fallbacks=("openai/*",)), deployments=deployments, routes={})


@pytest.mark.parametrize("model", ["", "a*b*", "x" * 201, "a\nb"])
def test_the_model_of_a_route_is_a_bounded_name_with_at_most_one_wildcard(model: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check(route(model, "a"), deployments={"a": False}, routes={})
    assert caught.value.param == "model"
