"""What a LiteLLM configuration means for traffic, limits, fallbacks and secrets is what it means here, or is told."""

import json
from typing import Any

import pytest

from tests.contracts.imports import brought_in, entry, items, listed, named, one, tells, told, upstream

USAGE = {"routing_strategy": "usage-based-routing-v2"}


def shares(*params: dict[str, Any], **router: object) -> tuple[list[dict[str, float]], list[str], str]:
    """Return the weights of each deployment by address, the fallbacks of the model, and how it is balanced."""
    entries = [entry("openai/x", api_base=f"http://h{number}/v1", **some) for number, some in enumerate(params)]
    found = brought_in(listed(*entries, router_settings=router))
    hosts = {one_["name"]: one_["base_url"][7:9] for one_ in items(found, "upstreams")}
    parts = [
        {hosts[part["upstream"]]: part.get("weight", 1.0) for part in deployment["upstreams"]}
        for deployment in items(found, "deployments")
    ]
    route = named(found, "routes", "model").get("m", {})
    return parts, route.get("fallbacks", []), route.get("balance", "")


def test_an_entry_without_a_weight_beside_one_that_has_it_gets_no_share() -> None:
    parts, fallbacks, balance = shares({"weight": 3}, {})
    assert parts == [{"h0": 3.0}, {"h1": 1.0}]
    assert (fallbacks, balance) == (["m-standby"], "")


def test_a_weight_of_nothing_switches_an_entry_off_while_others_answer() -> None:
    parts, fallbacks, _ = shares({"weight": 1}, {"weight": 0})
    assert (parts, fallbacks) == ([{"h0": 1.0}, {"h1": 1.0}], ["m-standby"])
    found = brought_in(listed(entry("openai/x", weight=1), entry("groq/x", weight=0)))
    assert tells(found, "model_list[1]: has no share of the traffic", kind="differs")


def test_weights_of_nothing_alone_say_nothing() -> None:
    assert shares({"weight": 0}, {"weight": 0})[0] == [{"h0": 1.0, "h1": 1.0}]


def test_rates_share_out_traffic_where_nothing_else_does() -> None:
    parts, _, balance = shares({"rpm": 900}, {"rpm": 100})
    assert (parts, balance) == ([{"h0": 1.0, "h1": 0.111111}], "weighted")
    assert shares({"tpm": 3_000_000}, {"tpm": 1_500_000})[0] == [{"h0": 1.0, "h1": 0.5}]


def test_weights_are_kept_as_they_are() -> None:
    parts, _, balance = shares({"weight": 10}, {"weight": 1})
    assert (parts, balance) == ([{"h0": 10.0, "h1": 1.0}], "weighted")


def test_a_strategy_that_knows_no_weights_gets_none() -> None:
    assert shares({"weight": 10}, {"weight": 1}, routing_strategy="least-busy")[0] == [{"h0": 1.0, "h1": 1.0}]


@pytest.mark.parametrize(
    ("orders", "parts"),
    [
        ([1, 2, None], [["h0"], ["h1"], ["h2"]]),
        ([None, None, 2], [["h2"], ["h0", "h1"]]),
        ([2, 1, 1], [["h1", "h2"], ["h0"]]),
        (["2", "1", None], [["h1"], ["h0"], ["h2"]]),
        ([0, 1, 0], [["h0", "h2"], ["h1"]]),
    ],
)
def test_the_lowest_order_is_asked_first_and_what_has_none_last(orders: list[object], parts: list[list[str]]) -> None:
    found, fallbacks, _ = shares(*({} if order is None else {"order": order} for order in orders))
    assert [sorted(part) for part in found] == parts
    assert len(fallbacks) == len(parts) - 1


def test_an_order_may_stand_in_model_info() -> None:
    found = brought_in(listed(entry("openai/a", info={"order": 2}), entry("openai/b", info={"order": 1})))
    assert [one_["upstreams"][0]["model"] for one_ in items(found, "deployments")] == ["b", "a"]


def test_two_keys_in_clear_are_two_accounts_and_neither_is_copied() -> None:
    found = brought_in(listed(entry("openai/a", api_key="sk-live-one"), entry("openai/a", api_key="sk-live-two")))
    assert [one_["name"] for one_ in items(found, "upstreams")] == ["openai", "openai-2"]
    assert len(named(found, "deployments")["m"]["upstreams"]) == 2
    assert not tells(found, "sk-live")
    assert "sk-live" not in json.dumps(dict(found.document))


def test_the_same_place_twice_has_the_weight_of_both() -> None:
    found = brought_in(listed(entry("openai/a", weight=2), entry("openai/a", weight=1), entry("openai/b", weight=1)))
    assert named(found, "deployments")["m"]["upstreams"] == [
        {"upstream": "openai", "model": "a", "weight": 3.0},
        {"upstream": "openai", "model": "b"},
    ]


@pytest.mark.parametrize("settings", [{}, {"enable_pre_call_checks": True}, {"routing_strategy": "least-busy"}])
def test_a_rate_that_refuses_nothing_in_litellm_refuses_nothing_here(settings: dict[str, object]) -> None:
    found = brought_in(listed(entry("openai/a", rpm=2, tpm=9), router_settings=settings))
    assert items(found, "limits") == []
    assert tells(found, "model_list[0].litellm_params.rpm: shares out traffic in LiteLLM", kind="differs")
    assert tells(found, "model_list[0].litellm_params.tpm: shares out traffic in LiteLLM", kind="differs")


@pytest.mark.parametrize(
    "settings",
    [USAGE, {"routing_strategy": "usage-based-routing"}, {"optional_pre_call_checks": ["enforce_model_rate_limits"]}],
)
def test_a_rate_that_refuses_in_litellm_is_a_limit(settings: dict[str, object]) -> None:
    found = brought_in(listed(entry("openai/a", rpm=2), entry("groq/a", rpm="3"), router_settings=settings))
    limit = named(found, "limits")["m-rpm"]
    assert (limit["measure"], limit["amount"], limit["period"], limit["models"]) == ("requests", 5.0, "minute", ["m"])


def test_a_budget_of_the_whole_proxy_is_one_of_the_house() -> None:
    config = listed(entry("openai/a"), litellm_settings={"max_budget": 100, "budget_duration": "30d"})
    assert items(brought_in(config), "limits") == [
        {"name": "house-cost", "scope": "house", "measure": "cost", "amount": 100.0, "period": "month"}
    ]


def fallbacks(litellm: dict[str, object], *names: str, **router: object) -> tuple[dict[str, Any], Any]:
    config = listed(*(entry("openai/x", name=name) for name in names), litellm_settings=litellm, router_settings=router)
    found = brought_in(config)
    routes = named(found, "routes", "model")
    return {name: route["fallbacks"] for name, route in routes.items() if "fallbacks" in route}, found


def test_a_fallback_of_all_is_the_usual_one() -> None:
    made, _ = fallbacks({"fallbacks": [{"*": ["b"]}]}, "a", "b", "c")
    assert made == {"a": ["b"], "c": ["b"]}


def test_a_fallback_may_be_an_alias_and_an_alias_may_have_one() -> None:
    made, found = fallbacks({"fallbacks": [{"big": ["small"]}]}, "a", "b", model_group_alias={"small": "b", "big": "a"})
    assert (made["a"], made["big"]) == (["b"], ["b"])
    assert told(found, kind="left_out") == []


def test_where_there_are_fallbacks_it_is_told_after_which_answers_they_are_not_taken() -> None:
    assert tells(fallbacks({"fallbacks": [{"a": ["b"]}]}, "a", "b")[1], "400, 404, 409, 413 or 422", kind="differs")
    assert not tells(fallbacks({}, "a", "b")[1], "400, 404")


@pytest.mark.parametrize(
    ("model", "params", "variables", "reference"),
    [
        ("openai/x", {"api_base": "http://h/v1"}, {}, "env://OPENAI_API_KEY"),
        ("nvidia_nim/x", {}, {}, "env://NVIDIA_NIM_API_KEY"),
        ("perplexity/x", {}, {}, "env://PERPLEXITYAI_API_KEY"),
        ("perplexity/x", {}, {"PERPLEXITY_API_KEY": "k"}, "env://PERPLEXITY_API_KEY"),
        ("jina_ai/jina-embeddings-v3", {}, {}, "env://JINA_AI_API_KEY"),
        ("azure/x", {"api_base": "https://r.openai.azure.com"}, {"AZURE_API_KEY": "k"}, "env://AZURE_API_KEY"),
        ("azure/text-embedding-3-small", {"api_base": "https://r.openai.azure.com"}, {}, "env://AZURE_API_KEY"),
        ("gemini/x", {}, {"GEMINI_API_KEY": "k"}, "env://GEMINI_API_KEY"),
        ("openai/x", {"api_key": "os.environ/MINE"}, {}, "env://MINE"),
        ("openai/x", {"api_key": "${MINE}"}, {}, "env://MINE"),
        ("github/x", {}, {}, "env://GITHUB_API_KEY"),
        ("bedrock/x", {}, {"AWS_BEARER_TOKEN_BEDROCK": "k"}, "env://AWS_BEARER_TOKEN_BEDROCK"),
        ("hosted_vllm/x", {"api_base": "http://h/v1"}, {"HOSTED_VLLM_API_KEY": "k"}, "env://HOSTED_VLLM_API_KEY"),
    ],
)
def test_a_credential_lies_where_litellm_looks_for_it(
    model: str, params: dict[str, object], variables: dict[str, str], reference: str
) -> None:
    account = upstream(brought_in(one(model, **params), **variables))
    assert account["credentials"] == [{"name": "default", "reference": reference}]


@pytest.mark.parametrize(
    ("model", "params", "words"),
    [
        ("bedrock/x", {}, "LiteLLM takes what boto3 finds"),
        (
            "bedrock/x",
            {"aws_access_key_id": "os.environ/A", "aws_secret_access_key": "B"},
            "an AWS key is one credential",
        ),
        ("bedrock/x", {"aws_profile_name": "p"}, "aws_profile_name: is no way to prove who asks here"),
        ("azure/x", {"api_base": "https://r.example", "azure_ad_token": "t"}, "azure_ad_token: is no way"),
        ("azure/x", {"api_base": "https://r.example", "client_secret": "t"}, "client_secret: is no way"),
        ("openai/x", {"api_key": 12345}, "api_key: stands there in clear, and was left out"),
        ("openai/x", {"api_key": "sk-1234"}, "api_key: stands there in clear, and was left out"),
    ],
)
def test_a_credential_that_is_no_reference_is_asked_for(model: str, params: dict[str, object], words: str) -> None:
    found = brought_in(one(model, **params))
    assert "credentials" not in upstream(found)
    assert tells(found, words, kind="to_do")
    assert tells(found, "has no credential yet: tulou credentials add", kind="to_do")
    assert not tells(found, "12345")


@pytest.mark.parametrize(
    ("model", "variable"), [("hosted_vllm/x", "HOSTED_VLLM_API_BASE"), ("lm_studio/x", "LM_STUDIO_API_BASE")]
)
def test_a_server_without_an_address_is_looked_for_here_and_told(model: str, variable: str) -> None:
    assert tells(brought_in(one(model)), f"api_base: is not there, and neither is ${variable}", kind="differs")
    assert upstream(brought_in(one(model), **{variable: "http://g:1/v1"}))["base_url"] == "http://g:1/v1"


def test_a_placeholder_is_no_key() -> None:
    found = brought_in(one("openai/x", api_base="http://h/v1", api_key="EMPTY"), OPENAI_API_KEY="sk-real")
    assert "credentials" not in upstream(found)
    assert not tells(found, "has no credential yet")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer sk-hidden-1"},
        {"api-key": "sk-hidden-1"},
        {"x-goog-api-key": "os.environ/HIDDEN"},
        {"x-auth-token": "os.environ/HIDDEN"},
        {"cookie": "session=sk-hidden-1"},
        {"x-note": "Bearer sk-hidden-1"},
        {"x-note": "sk-hidden-1"},
    ],
)
def test_a_header_that_may_be_secret_is_never_copied(headers: dict[str, str]) -> None:
    found = brought_in(one("openai/x", api_base="http://h/v1", extra_headers=headers), HIDDEN="sk-hidden-2")
    assert "headers" not in upstream(found)
    assert tells(found, "may be secret, and was left out", kind="left_out")
    assert "sk-hidden" not in json.dumps(dict(found.document)) + "".join(told(found))


def test_a_header_in_a_variable_is_followed_and_an_organization_is_one() -> None:
    found = brought_in(one("openai/x", organization="org-1", extra_headers={"x-team": "os.environ/TEAM"}), TEAM="red")
    assert upstream(found)["headers"] == [["openai-organization", "org-1"], ["x-team", "red"]]


def test_an_entry_has_what_the_credential_that_it_names_says() -> None:
    config = listed(
        entry("azure/d", litellm_credential_name="ours"),
        entry("openai/x", name="n", litellm_credential_name="other", api_key="os.environ/OWN"),
        entry("openai/x", name="o", litellm_credential_name="gone"),
        credential_list=[
            {
                "credential_name": "ours",
                "credential_values": {
                    "api_key": "os.environ/K",
                    "api_base": "https://r.openai.azure.com",
                    "api_version": "2024-10-21",
                },
                "credential_info": {"custom_llm_provider": "azure"},
            },
            {"credential_name": "other", "credential_values": {"api_base": "http://h/v1", "api_key": "sk-hidden-1"}},
        ],
    )
    found = brought_in(config)
    azure, other, _ = items(found, "upstreams")
    assert (azure["base_url"], azure["credentials"][0]["reference"]) == ("https://r.openai.azure.com/openai", "env://K")
    assert (other["base_url"], other["credentials"][0]["reference"]) == ("http://h/v1", "env://OWN")
    assert tells(found, "'gone' is not in credential_list")


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("ft:gpt-4o-mini-2024-07-18:org::id", "openai"),
        ("chatgpt-4o-latest", "openai"),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "bedrock"),
        ("command-r-plus", "cohere"),
        ("embed-english-v3.0", "cohere"),
        ("jamba-1.5-large", "openai-compatible"),
    ],
)
def test_a_bare_name_is_of_the_vendor_that_litellm_takes_it_for(model: str, provider: str) -> None:
    assert upstream(brought_in(one(model)))["provider"] == provider


def test_a_bare_name_at_an_address_that_litellm_knows_is_of_that_vendor() -> None:
    found = brought_in(one("llama3", api_base="https://api.groq.com/openai/v1"))
    assert (upstream(found)["provider"], upstream(found)["credentials"][0]["reference"]) == (
        "groq",
        "env://GROQ_API_KEY",
    )


@pytest.mark.parametrize("vendor", ["github", "sambanova", "deepinfra", "nebius", "novita", "hyperbolic", "codestral"])
def test_a_vendor_that_speaks_openai_s_dialect_is_called_at_its_address(vendor: str) -> None:
    account = upstream(brought_in(one(f"{vendor}/some/model")))
    assert account["provider"] == "openai-compatible"
    assert account["base_url"].startswith("https://")


def test_fireworks_names_are_filled_up() -> None:
    found = brought_in(
        listed(entry("fireworks_ai/llama", name="a"), entry("fireworks_ai/accounts/x/models/y", name="b"))
    )
    models = [one_["upstreams"][0]["model"] for one_ in items(found, "deployments")]
    assert models == ["accounts/fireworks/models/llama", "accounts/x/models/y"]


def test_a_price_of_nothing_and_prices_of_caches_and_requests_are_prices() -> None:
    found = brought_in(
        listed(
            entry("openai/free", name="a", input_cost_per_token=0, output_cost_per_token=0),
            entry("openai/paid", name="b", cache_read_input_token_cost=1e-6, input_cost_per_request=0.5),
        )
    )
    free, paid = items(found, "prices")
    assert (free["input"], free["output"]) == (0.0, 0.0)
    assert (paid["cached"], paid["request"]) == (1.0, 500_000.0)
    assert told(found, kind="unsupported") == []


def test_deadlines_are_an_entry_s_own_and_attempts_its_model_s() -> None:
    found = brought_in(
        listed(
            entry("openai/a", timeout=90, num_retries=1),
            entry("groq/a", timeout="30", stream_timeout=20, max_retries="1"),
            entry("openai/b", name="n"),
            router_settings={"timeout": 20},
        )
    )
    routes = named(found, "routes", "model")
    first, second = named(found, "deployments")["m"]["upstreams"]
    assert first["deadlines"] == {"total_s": 90.0, "first_byte_s": 90.0, "idle_s": 90.0}
    assert second["deadlines"] == {"total_s": 30.0, "first_byte_s": 30.0, "idle_s": 20.0}
    assert routes["m"]["retry"] == {"attempts": 2}
    assert routes["n"]["deadlines"]["total_s"] == 20.0


def test_what_an_entry_asks_for_is_asked_where_a_client_says_nothing() -> None:
    (made,) = named(
        brought_in(
            one(
                "openai/a",
                temperature="0.2",
                top_p=1,
                max_completion_tokens=200,
                seed=-4,
                stop=["a", "b"],
                reasoning_effort="low",
                extra_body={"chat_template_kwargs": {"enable_thinking": False}},
            )
        ),
        "deployments",
    )["m"]["upstreams"]
    assert made["defaults"] == {
        "temperature": 0.2,
        "top_p": 1.0,
        "seed": -4,
        "max_tokens": 200,
        "reasoning_effort": "low",
        "stop": ["a", "b"],
    }
    assert made["extra_body"] == {"chat_template_kwargs": {"enable_thinking": False}}


def test_thinking_is_a_number_of_tokens() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    (made,) = named(brought_in(one("anthropic/claude-x", thinking=thinking)), "deployments")["m"]["upstreams"]
    assert made["defaults"] == {"reasoning_tokens": 1024}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"temperature": 7}, "defaults.temperature is 7.0; it is from 0 to 2"),
        ({"reasoning_effort": "much"}, "defaults.reasoning_effort is 'much'"),
        ({"extra_body": {"model": "other"}}, "extra_body.model: it is the client's or the gate's to say"),
        ({"extra_body": {"api_key": "sk-hidden-12345"}}, "looks like a secret"),
    ],
)
def test_a_default_that_the_house_refuses_costs_its_entry_alone(params: dict[str, Any], words: str) -> None:
    found = brought_in(listed(entry("openai/a"), entry("openai/b", name="n", **params)))
    assert list(named(found, "deployments")) == ["m"]
    assert tells(found, words, kind="left_out")
    assert not tells(found, "sk-hidden")


def test_what_holds_for_all_entries_holds_for_those_that_do_not_say_it() -> None:
    config = listed(
        entry("openai/a", temperature=1),
        entry("vertex_ai/gemini-2.5-pro", name="n"),
        router_settings={"default_litellm_params": {"temperature": 0.5, "timeout": 9}},
        litellm_settings={"vertex_project": "p", "vertex_location": "global"},
    )
    found = brought_in(config, GOOGLE_APPLICATION_CREDENTIALS="/keys/vertex.json")
    deployments = named(found, "deployments")
    assert deployments["m"]["upstreams"][0]["defaults"] == {"temperature": 1.0}
    assert deployments["n"]["upstreams"][0]["defaults"] == {"temperature": 0.5}
    vertex = items(found, "upstreams")[1]
    assert vertex["variables"] == {"project": "p", "location": "global"}
    assert vertex["credentials"][0]["reference"] == "file:///keys/vertex.json"


@pytest.mark.parametrize(
    ("group", "model", "deployment", "there"),
    [
        ("openai/*", "openai/*", "openai", "*"),
        ("*", "openai/*", "all", "*"),
        ("claude-*", "anthropic/claude-*", "claude", "claude-*"),
        ("any/*", "openai/gpt-4o", "any", "gpt-4o"),
    ],
)
def test_a_pattern_leads_to_all_that_fit_it(group: str, model: str, deployment: str, there: str) -> None:
    found = brought_in(listed(entry(model, name=group)))
    assert named(found, "routes", "model")[group]["shares"] == [{"deployment": deployment}]
    assert named(found, "deployments")[deployment]["upstreams"][0]["model"] == there


@pytest.mark.parametrize(
    ("group", "model", "words"),
    [
        ("*", "*", "is for every model of every vendor"),
        ("m", "openai/*", "leads one name to many models"),
        ("a/*/*", "openai/*", "more than one `*`"),
    ],
)
def test_a_pattern_that_does_not_fit_is_left_out(group: str, model: str, words: str) -> None:
    assert tells(brought_in(listed(entry(model, name=group))), words, kind="left_out")


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("vertex_ai/gemini-2.5-pro", "vertex"),
        ("gemini-2.5-flash", "vertex"),
        ("vertex_ai/claude-sonnet-4-5@20250929", "vertex-anthropic"),
        ("vertex_ai/meta/llama-3.3-70b-instruct-maas", "openai-compatible"),
    ],
)
def test_a_model_of_vertex_is_called_in_its_own_dialect(model: str, provider: str) -> None:
    found = brought_in(one(model, vertex_project="p", vertex_location="us-east5", vertex_credentials="os.environ/V"))
    account = upstream(found)
    assert (account["provider"], account["credentials"][0]["reference"]) == (provider, "env://V")


@pytest.mark.parametrize(
    ("params", "words", "kind"),
    [
        ({}, "vertex_project: is not there", "left_out"),
        ({"vertex_project": "p"}, "vertex_location: is not there: us-central1", "differs"),
        ({"vertex_project": "p"}, "vertex_credentials: is not there", "to_do"),
        ({"vertex_project": "p", "vertex_credentials": '{"private_key": "hidden"}'}, "stands there in clear", "to_do"),
        ({"vertex_project": "p", "api_base": "https://p.example"}, "at an address of its own", "left_out"),
    ],
)
def test_what_vertex_needs_is_told(params: dict[str, object], words: str, kind: str) -> None:
    found = brought_in(one("vertex_ai/gemini-2.5-pro", **params))
    assert tells(found, words, kind=kind)
    assert "hidden" not in json.dumps(dict(found.document)) + "".join(told(found))
