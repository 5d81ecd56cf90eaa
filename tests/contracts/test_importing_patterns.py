"""Patterns of LiteLLM's, their standbys and fallbacks come over as routes that the house takes."""

from typing import Any

import pytest

from tests.contracts.imports import brought_in, entry, items, listed, named, tells, told
from tulou.chassis.strict import strict
from tulou.cli.litellm import TranslatedHouse
from tulou.contracts.routing.messages import Route
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.kernel.errors import TulouError
from tulou.rules.routing.patterns import answers_many
from tulou.services.routing.domain import check as check_route


def house_refuses(found: TranslatedHouse) -> list[str]:
    """Return what the house would say to the routes of an import, each beside all the others."""
    deployments = [strict(one, DeploymentSpec) for one in items(found, "deployments")]
    names = {one.name: answers_many(place.model for place in one.upstreams) for one in deployments}
    routes = {one["model"]: strict(one, Route) for one in items(found, "routes")}
    why: list[str] = []
    for model, route in routes.items():
        try:
            check_route(route, deployments=names, routes={name: r for name, r in routes.items() if name != model})
        except TulouError as error:
            why.append(str(error))
    return why


@pytest.mark.parametrize(
    ("params", "later"),
    [
        ([{"order": 1}, {"order": 2}], ["openai-order-2/*"]),
        ([{"weight": 1}, {"weight": 0}], ["openai-standby/*"]),
        ([{"rpm": 10}, {}], ["openai-standby/*"]),
        ([{"order": 1}, {"order": 2, "weight": 1}, {"order": 2}], ["openai-order-2/*", "openai-order-2-standby/*"]),
    ],
)
@pytest.mark.parametrize("router", [{}, {"num_retries": 2}])
def test_what_stands_by_for_a_pattern_is_asked_for_the_same_model(
    params: list[dict[str, Any]], later: list[str], router: dict[str, Any]
) -> None:
    entries = [entry("openai/*", name="openai/*", api_base=f"http://h{n}/v1", **p) for n, p in enumerate(params)]
    found = brought_in(listed(*entries, router_settings=router))
    route = named(found, "routes", "model")["openai/*"]
    assert (route["shares"], route["fallbacks"]) == ([{"deployment": "openai"}], later)
    assert house_refuses(found) == []
    assert told(found, kind="left_out") == []


def test_a_pattern_is_no_fallback_of_a_name_and_is_left_out_alone() -> None:
    config = listed(
        entry("openai/*", name="openai/*"),
        entry("groq/a", name="a"),
        entry("groq/b", name="b"),
        litellm_settings={"fallbacks": [{"a": ["openai/*", "b"]}]},
    )
    found = brought_in(config)
    assert named(found, "routes", "model")["a"]["fallbacks"] == ["b"]
    assert tells(found, "'openai/*' is a pattern, and 'a' has nothing that would stand for its `*`", kind="left_out")
    assert house_refuses(found) == []


def test_entries_for_onemodel_and_for_many_under_onename_do_not_cost_each_other_the_name() -> None:
    found = brought_in(listed(entry("openai/*", name="x/*"), entry("groq/a", name="x/*"), entry("groq/*", name="x/*")))
    assert [one["model"] for one in named(found, "deployments")["x"]["upstreams"]] == ["*", "*"]
    assert tells(found, "model_list[1]: was left out: entries of 'x/*' are all for one model", kind="left_out")
    assert (found.listed, found.imported) == (3, 2)
    assert house_refuses(found) == []


def test_an_alias_that_is_called_as_a_later_part_is_keeps_its_name() -> None:
    settings = {"model_group_alias": {"m-order-2": "m"}, "num_retries": 1}
    config = listed(entry("openai/a", order=1), entry("openai/b", order=2), router_settings=settings)
    found = brought_in(config)
    assert sorted(named(found, "routes", "model")) == ["m", "m-order-2", "m-order-2-2"]
    assert len(items(found, "routes")) == len(named(found, "routes", "model"))
    assert house_refuses(found) == []
