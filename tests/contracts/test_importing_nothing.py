"""What may use nothing in LiteLLM, since a budget or a rate of it is 0 or it is blocked, may use nothing here."""

from typing import Any

import pytest

from tests.contracts.imports import brought_in, entry, items, listed, named, tells
from tulou.cli.litellm import TranslatedHouse

LETS_NOTHING = ("max_budget", "rpm_limit", "tpm_limit", "tpd_limit", "max_parallel_requests")


def with_keys(*keys: dict[str, Any], teams: list[dict[str, Any]] | None = None) -> TranslatedHouse:
    return brought_in(listed(entry("openai/a")), {"keys": list(keys), "teams": teams or []})


def suspended(found: TranslatedHouse) -> dict[str, str]:
    return {name: one.get("suspended", "") for name, one in named(found, "principals").items()}


@pytest.mark.parametrize("amount", [0, 0.0, "0", -1])
@pytest.mark.parametrize("field", LETS_NOTHING)
def test_a_key_whose_budget_or_rate_is_nothing_comes_suspended(field: str, amount: object) -> None:
    found = with_keys({"key_alias": "app", field: amount}, {"key_alias": "other", field: 5})
    assert suspended(found) == {"app": f"{field} is 0 in LiteLLM", "other": ""}
    assert tells(found, f"keys[0].{field}: lets nothing through: app comes suspended", kind="differs")
    assert [limit["subject"] for limit in items(found, "limits")] == ["default/other"]


def test_a_budget_of_nothing_may_be_the_one_that_a_key_stands_in() -> None:
    dump = {"keys": [{"key_alias": "app", "budget_id": "b"}], "budgets": [{"budget_id": "b", "max_budget": 0}]}
    assert suspended(brought_in(listed(entry("openai/a")), dump)) == {"app": "max_budget is 0 in LiteLLM"}


@pytest.mark.parametrize("team", [{"max_budget": 0}, {"rpm_limit": 0}, {"blocked": True}])
def test_the_keys_of_a_team_that_may_use_nothing_come_suspended(team: dict[str, Any]) -> None:
    keys = [{"key_alias": "app", "team_id": "t"}, {"key_alias": "other"}]
    found = with_keys(*keys, teams=[{"team_id": "t", "team_alias": "red", **team}])
    assert suspended(found)["app"].startswith("of a team: ")
    assert suspended(found)["other"] == ""
    (field,) = team
    assert tells(found, f"teams[0].{field}: lets nothing through: whoever has a key of the team", kind="differs")


@pytest.mark.parametrize("team", [{"team_max_budget": 0}, {"team_rpm_limit": 0}, {"team_blocked": True}])
def test_what_a_key_says_of_a_team_that_nobody_lists_holds_for_all_its_keys(team: dict[str, Any]) -> None:
    found = with_keys({"key_alias": "app", "team_id": "t", **team}, {"key_alias": "more", "team_id": "t"})
    assert all(why.startswith("of a team: ") for why in suspended(found).values())


def test_a_soft_budget_of_nothing_closes_nothing() -> None:
    found = with_keys({"key_alias": "app", "soft_budget": 0})
    assert suspended(found) == {"app": ""}
    assert tells(found, "keys[0].soft_budget: warns of everything", kind="unsupported")


def test_a_budget_of_nothing_for_the_whole_proxy_is_none_in_litellm() -> None:
    found = brought_in(listed(entry("openai/a"), litellm_settings={"max_budget": 0}))
    assert items(found, "limits") == []
    assert not tells(found, "max_budget")


USAGE = {"routing_strategy": "usage-based-routing-v2"}


def test_a_model_whose_rate_is_nothing_is_told() -> None:
    found = brought_in(listed(entry("openai/a", rpm=0), router_settings=USAGE))
    assert items(found, "limits") == []
    assert tells(found, "model_list[0].litellm_params.rpm: lets nothing through", kind="differs")


def test_an_entry_whose_rate_is_nothing_adds_nothing_to_that_of_its_model() -> None:
    found = brought_in(listed(entry("openai/a", rpm=0), entry("groq/a", rpm=3), router_settings=USAGE))
    assert named(found, "limits")["m-rpm"]["amount"] == 3.0


def test_rates_that_are_more_than_a_number_together_are_left_out() -> None:
    found = brought_in(listed(entry("openai/a", rpm=1.7e308), entry("groq/a", rpm=1.7e308), router_settings=USAGE))
    assert items(found, "limits") == []
    assert tells(found, "limits.m-rpm: was left out, for the house would refuse it", kind="left_out")
