"""What LiteLLM's configuration says becomes a document that the house takes; what has no counterpart is told."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contracts.imports import brought_in, named, one, told
from tests.contracts.whole import Whole, open_whole
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply, Export, MakePlan

SAMPLES = Path(__file__).parent / "litellm"


def sample(name: str) -> Any:
    text = (SAMPLES / name).read_text("utf-8")
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


@pytest.fixture
async def whole() -> AsyncGenerator[Whole]:
    async with open_whole() as opened:
        yield opened


@pytest.mark.parametrize("name", ["small.yaml", "company.yaml"])
async def test_realistic_configurations_are_taken_by_the_house(whole: Whole, name: str) -> None:
    keys = sample("keys.json") if name == "company.yaml" else None
    found = brought_in(sample(name), keys, REGION_BASE="https://eu.example")
    text = yaml.safe_dump(json.loads(json.dumps(dict(found.document))))
    configuration = whole[Configuration]
    await configuration.apply(Apply(text=text, prune=False))
    again = await configuration.plan(MakePlan(text=text, prune=False))
    assert again.changes == (), "what was applied is what the house says now"
    assert "sk-live" not in (await configuration.export(Export())).text


def test_a_company_s_configuration_keeps_its_meaning() -> None:
    found = brought_in(sample("company.yaml"), sample("keys.json"), REGION_BASE="https://eu.example")
    deployments, routes = named(found, "deployments"), named(found, "routes", "model")
    assert deployments["gpt-4o"]["upstreams"] == [{"upstream": "openai", "model": "gpt-4o"}], (
        "the only one with an order"
    )
    assert deployments["gpt-4o-unordered"]["upstreams"] == [
        {"upstream": "azure-openai", "model": "gpt-4o-eu"},
        {"upstream": "azure-openai-2", "model": "gpt-4o-us"},
    ]
    assert routes["gpt-4o"]["fallbacks"] == ["gpt-4o-unordered", "anthropic/claude"], "no order, then the fallbacks"
    assert routes["gpt-4o"]["retry"] == {"attempts": 3}
    assert routes["gpt-4o"]["deadlines"] == {"total_s": 30.0, "first_byte_s": 30.0}
    assert routes["gpt-4o"]["breaker"] == {"failures": 3, "open_s": 30.0}
    assert routes["gpt-4"]["shares"] == [{"deployment": "gpt-4o"}], "an alias"
    assert routes["anthropic/claude"]["shares"] == [{"deployment": "anthropic-claude"}], "no name with a slash"
    assert deployments["anthropic-claude"]["upstreams"][0]["defaults"] == {"temperature": 0.2}
    assert (routes["openai/*"]["shares"], deployments["openai"]["upstreams"][0]["model"]) == (
        [{"deployment": "openai"}],
        "*",
    )
    assert deployments["embed"]["task"] == "embedding"
    assert deployments["local"]["concurrency"] == 32
    upstreams = named(found, "upstreams")
    assert upstreams["azure-openai"]["credentials"][0]["reference"] == "env://AZURE_API_KEY_EU"
    assert "2024-10-21" in upstreams["azure-openai"]["paths"]["chat"]
    assert upstreams["bedrock"]["variables"] == {"region": "eu-west-1"}
    assert upstreams["openai-compatible"]["base_url"] == "https://eu.example"
    limits = named(found, "limits")
    assert (limits["gpt-4o-rpm"]["amount"], limits["gpt-4o-rpm"]["models"]) == (206.0, ["gpt-4o", "gpt-4"])
    assert named(found, "prices", "model")["claude-sonnet-4-5"] == {
        "model": "claude-sonnet-4-5",
        "provider": "anthropic",
        "input": 3.0,
        "output": 15.0,
    }


def test_keys_become_principals_with_their_limits_and_teams_projects() -> None:
    found = brought_in(sample("company.yaml"), sample("keys.json"), REGION_BASE="https://eu.example")
    people, limits = named(found, "principals"), named(found, "limits")
    assert people["web-app"]["roles"] == [{"role": "developer", "project": "Team-Red"}]
    assert people["web-app"]["kind"] == "service"
    assert people["sk-...Zz"]["suspended"] == "blocked in LiteLLM"
    assert named(found, "projects")["Team-Red"]["title"] == "Team Red"
    assert (limits["principal-web-app-cost"]["amount"], limits["principal-web-app-cost"]["period"]) == (50.0, "month")
    assert limits["principal-web-app-cost-soft"]["edge"] == "soft"
    assert limits["principal-web-app-requests"]["amount"] == 60.0
    assert limits["project-team-red-cost"]["subject"] == "default/Team-Red"
    notes = "\n".join(map(str, found.notes))
    assert "tulou keys create web-app --principal web-app --project Team-Red --model gpt-4o --model local" in notes
    assert "what was spent so far is not carried over" in notes


def test_everything_that_has_no_counterpart_is_told() -> None:
    found = brought_in(sample("company.yaml"), sample("keys.json"), REGION_BASE="https://eu.example")
    for words in (
        "model_list[3].litellm_params.logprobs: is no default that an entry may have here",
        "model_list[5].litellm_params.api_key: stands there in clear",
        "upstreams.openai-2: has no credential yet: tulou credentials add openai-2 --key-stdin",
        "model_list[7].model_info.mode: 'image_generation' is not served here",
        "model_list[8].litellm_params.model: many models are asked for chats alone here",
        "model_list[9].litellm_params.vertex_location: is not there: us-central1 is taken",
        "router_settings.routing_strategy: 'usage-based-routing-v2' is not known here",
        "'nobody' is no model of the list",
        "'anthropic/claude' -> 'gpt-4o' closes a circle",
        "'old' leads to 'gone'",
        "litellm_settings.context_window_fallbacks:",
        "litellm_settings.mystery: is not known here, and was left out",
        "general_settings.master_key: is LiteLLM's own",
        "general_settings.odd: is not known here",
        "surprise: is not known here",
        "keys[0].weird: is not known here",
        "keys[1].budget_duration: '7d' has no counterpart",
        "keys[2]: is a hash alone",
    ):
        assert any(words in str(note) for note in found.notes), words
    assert "sk-live" not in json.dumps(dict(found.document)) + "".join(map(str, found.notes))


@pytest.mark.parametrize(
    ("model", "params", "provider", "there"),
    [
        ("gpt-4o", {}, "openai", "gpt-4o"),
        ("o3-mini", {}, "openai", "o3-mini"),
        ("claude-sonnet-4-5", {}, "anthropic", "claude-sonnet-4-5"),
        ("openai/some/model", {"api_base": "http://h/v1"}, "openai-compatible", "some/model"),
        ("openrouter/meta/llama", {}, "openrouter", "meta/llama"),
        ("some-model", {"custom_llm_provider": "groq"}, "groq", "some-model"),
        ("azure/d", {"api_base": "https://r.openai.azure.com", "api_version": "preview"}, "azure-openai", "d"),
        ("hosted_vllm/Qwen/Qwen3", {"api_base": "http://h:8000/v1"}, "vllm", "Qwen/Qwen3"),
        ("bedrock/converse/amazon.nova", {"aws_region_name": "eu-west-1"}, "bedrock", "amazon.nova"),
        ("together_ai/a/b", {}, "together", "a/b"),
    ],
)
def test_a_model_s_name_says_its_provider(model: str, params: dict[str, object], provider: str, there: str) -> None:
    found = brought_in(one(model, **params))
    (upstream,) = named(found, "upstreams").values()
    assert upstream["provider"] == provider
    assert named(found, "deployments")["m"]["upstreams"][0]["model"] == there


def test_an_alias_has_all_that_holds_for_its_model() -> None:
    config = {
        "model_list": [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}"}} for name in ("large", "small", "both")
        ],
        "litellm_settings": {"request_timeout": 600, "allowed_fails": 5, "fallbacks": [{"large": ["small"]}]},
        "router_settings": {
            "timeout": 30,
            "allowed_fails": 3,
            "model_group_alias": {"gpt-4": "large", "old": {"model": "small", "hidden": True}, "both": "large"},
        },
    }
    found = brought_in(config)
    routes = named(found, "routes", "model")
    assert routes["gpt-4"] == {**routes["large"], "model": "gpt-4"}
    assert routes["gpt-4"]["fallbacks"] == ["small"]
    assert routes["gpt-4"]["deadlines"]["total_s"] == 30
    assert routes["old"] == {**routes["small"], "model": "old"}
    assert told(found, kind="left_out") == [
        "router_settings.model_group_alias: 'both' is a model of the list, too; the alias was left out"
    ]


def test_a_price_is_that_of_the_model_that_answers_whatever_alias_or_order_leads_to_it() -> None:
    def entry(model: str, order: int, **costs: object) -> dict[str, object]:
        return {"model_name": "m", "litellm_params": {"model": model, "order": order, **costs}}

    claude = {"cache_creation_input_token_cost_above_1hr": 6e-06, "input_cost_per_token_above_200k_tokens": 6e-06}
    config = {
        "model_list": [
            entry("openai/gpt-4o", 1, input_cost_per_token=2.5e-06, output_cost_per_token=1e-05),
            entry("anthropic/claude-x", 2, input_cost_per_token=3e-06, **claude),
            entry("openai/broken", 3, input_cost_per_token=-1),
        ],
        "router_settings": {"model_group_alias": {"alias": "m"}},
    }
    found = brought_in(config)
    assert found.document["prices"] == [
        {"model": "gpt-4o", "provider": "openai", "input": 2.5, "output": 10.0},
        {
            "model": "claude-x",
            "provider": "anthropic",
            "input": 3.0,
            "cache_written_hour": 6.0,
            "tiers": [{"above": 200_000, "input": 6.0}],
        },
    ]
    assert any("input_cost_per_token is -1" in str(note) for note in found.notes)


def test_variables_of_the_configuration_are_told_for_the_house_does_not_set_them() -> None:
    config = {**one("openai/gpt-4o"), "environment_variables": {"OPENAI_API_KEY": "sk-live-1"}}
    notes = "\n".join(map(str, brought_in(config).notes))
    assert "environment_variables.OPENAI_API_KEY: is followed in addresses" in notes
    assert "sk-live-1" not in notes


def test_an_address_in_a_variable_is_followed_or_told() -> None:
    config = one("openai/m", api_base="os.environ/BASE")
    assert named(brought_in(config, BASE="http://h/v1/"), "upstreams")["openai-compatible"]["base_url"] == "http://h/v1"
    lost = brought_in(config)
    assert lost.document == {"version": 1}
    assert "BASE is not set here" in str(lost.notes[0])
    given = brought_in({**config, "environment_variables": {"BASE": "http://g/v1"}})
    assert named(given, "upstreams")["openai-compatible"]["base_url"] == "http://g/v1"


NONE: list[object] = [None, [], "text", {"model_list": {}}, {"model_list": [1, {}]}, {"router_settings": 3}]


@pytest.mark.parametrize("config", NONE)
def test_what_is_no_configuration_is_told_and_does_no_harm(config: object) -> None:
    assert brought_in(config).document == {"version": 1}
