"""Whatever stands in the place of whatever setting, an import ends, and what it makes is a document."""

import copy
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, cast

import msgspec
import pytest

from tests.contracts.imports import brought_in, entry, listed
from tulou.chassis.strict import strict
from tulou.services.configuration.domain.document import HouseDocument

ODD: list[Any] = [
    *(None, "", "x", "os.environ/GONE", "a/*/*", 0, -1, True, float("nan"), 10**40, date(2024, 10, 21)),
    *(float("inf"), float("-inf"), 1.7e308, "1.7e308", "nul\0", "http://[x", "http://user:pw@h:x/v1"),
    *([None, {}], {1: [], None: {"type": []}}, "line\nbreak", "\ud800", "x" * 5000),
]
WHOLE = listed(
    entry(
        "azure/d",
        name="one",
        api_base="https://r.openai.azure.com",
        api_version="2024-10-21",
        api_key="os.environ/K",
        rpm=5,
        tpm=5,
        weight=1,
        order=1,
        timeout=3,
        stream_timeout=3,
        num_retries=1,
        max_parallel_requests=3,
        temperature=1,
        max_tokens=5,
        stop=["a"],
        thinking={"type": "enabled", "budget_tokens": 9},
        extra_body={"a": 1},
        extra_headers={"x": "y"},
        organization="o",
        input_cost_per_token=1e-6,
        litellm_credential_name="c",
        custom_llm_provider="azure",
        info={"mode": "chat", "order": 1, "input_cost_per_token": 1e-6, "description": "d"},
    ),
    entry("bedrock/eu-west-1/a.b", name="two", aws_region_name="eu-west-1", aws_access_key_id="x"),
    entry("vertex_ai/gemini-x", name="three", vertex_project="p", vertex_location="l", vertex_credentials="/k"),
    router_settings={
        "routing_strategy": "usage-based-routing-v2",
        "num_retries": 1,
        "timeout": 3,
        "allowed_fails": 1,
        "cooldown_time": 1,
        "fallbacks": [{"one": ["two"]}],
        "model_group_alias": {"alias": "one"},
        "optional_pre_call_checks": ["enforce_model_rate_limits"],
        "default_litellm_params": {"temperature": 1},
    },
    litellm_settings={"request_timeout": 3, "default_fallbacks": ["two"], "max_budget": 1, "budget_duration": "30d"},
    general_settings={"master_key": "x"},
    credential_list=[{"credential_name": "c", "credential_values": {"api_key": "x"}, "credential_info": {"a": "b"}}],
    environment_variables={"K": "v"},
)


CALLERS: dict[str, Any] = {
    "budgets": [{"budget_id": "b", "max_budget": 1, "budget_duration": "1d", "rpm_limit": 1}],
    "teams": [
        {
            "team_id": "t",
            "team_alias": "red",
            "blocked": False,
            "max_budget": 1,
            "soft_budget": 1,
            "budget_duration": "1d",
            "tpm_limit": 1,
            "max_parallel_requests": 1,
            "models": ["m"],
            "members_with_roles": [{"user_id": "u", "role": "admin"}],
            "metadata": {"a": "b"},
        }
    ],
    "keys": [
        {
            "key_alias": "app",
            "key_name": "sk-...1",
            "team_id": "t",
            "team_alias": "red",
            "user_id": "u",
            "blocked": False,
            "budget_id": "b",
            "tpd_limit": 1,
            "expires": "2030-01-01",
            "models": ["m"],
            "metadata": {"a": "b"},
            "litellm_budget_table": {"max_budget": 1, "tpm_limit": 1},
        },
        {"key_alias": "other", "team_id": "x", "team_max_budget": 1, "team_rpm_limit": 1, "team_models": ["m"]},
    ],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything in a configuration."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        found = list(cast("dict[Any, Any]", value).items())
    elif isinstance(value, list):
        found = list(enumerate(cast("list[Any]", value)))
    for key, item in found:
        yield (*path, key)
        yield from places(item, (*path, key))


def replaced(whole: dict[str, Any], path: tuple[Any, ...], odd: object) -> dict[str, Any]:
    whole = copy.deepcopy(whole)
    there: Any = whole
    for key in path[:-1]:
        there = there[key]
    there[path[-1]] = odd
    return whole


@pytest.mark.parametrize("path", list(places(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_an_odd_value_of_a_setting_does_no_harm(path: tuple[Any, ...]) -> None:
    for odd in ODD:
        found = brought_in(replaced(WHOLE, path, odd))
        strict(json.loads(msgspec.json.encode(found.document)), HouseDocument)
        assert found.imported <= found.listed
        assert "user:pw" not in "".join(map(str, found.notes))


@pytest.mark.parametrize("path", list(places(CALLERS)), ids=lambda path: ".".join(map(str, path)))
def test_an_odd_value_of_a_key_a_team_or_a_budget_does_no_harm(path: tuple[Any, ...]) -> None:
    for odd in ODD:
        found = brought_in(listed(entry("openai/a")), replaced(CALLERS, path, odd))
        strict(json.loads(msgspec.json.encode(found.document)), HouseDocument)
