"""Where the models of a LiteLLM configuration are called, and with which version: as LiteLLM calls them."""

from datetime import date
from typing import Any

import pytest

from tests.contracts.imports import brought_in, entry, listed, named, one, tells, upstream

AZURE = "https://r.openai.azure.com"
DEPLOYMENTS = "/deployments/{model}/chat/completions?api-version="


@pytest.mark.parametrize("model", ["ollama/llama3", "ollama_chat/llama3"])
@pytest.mark.parametrize("end", ["", "/", "/v1", "/api/chat", "/api/generate"])
def test_ollama_is_called_where_it_speaks_openai_s_dialect(model: str, end: str) -> None:
    found = brought_in(one(model, api_base=f"http://ollama:11434{end}"))
    assert upstream(found)["base_url"] == "http://ollama:11434/v1"


def test_ollama_s_address_may_be_in_the_variable_where_litellm_looks() -> None:
    found = brought_in(one("ollama/llama3"), OLLAMA_API_BASE="http://elsewhere:11434")
    assert upstream(found)["base_url"] == "http://elsewhere:11434/v1"


@pytest.mark.parametrize("version", ["os.environ/VER", "2024-10-21", date(2024, 10, 21)])
def test_a_version_of_azure_s_is_followed_however_it_is_written(version: object) -> None:
    found = brought_in(one("azure/d", api_base=AZURE, api_version=version), VER="2024-10-21")
    assert upstream(found)["paths"]["chat"] == f"{DEPLOYMENTS}2024-10-21"
    assert upstream(found)["base_url"] == f"{AZURE}/openai"


def test_azure_without_a_version_is_called_with_litellm_s() -> None:
    found = brought_in(one("azure/d", api_base=AZURE))
    assert upstream(found)["paths"]["chat"] == f"{DEPLOYMENTS}2025-02-01-preview"
    said = brought_in(one("azure/d", api_base=AZURE), AZURE_API_VERSION="2024-06-01")
    assert upstream(said)["paths"]["embeddings"] == "/deployments/{model}/embeddings?api-version=2024-06-01"


def test_a_version_in_a_variable_that_is_not_set_leaves_the_entry_out() -> None:
    found = brought_in(one("azure/d", api_base=AZURE, api_version="os.environ/VER"))
    assert found.imported == 0
    assert tells(found, "model_list[0].litellm_params.api_version: VER is not set here", kind="left_out")
    assert found.missing == ("VER",)


@pytest.mark.parametrize("version", ["preview", "v1", "latest"])
def test_azure_s_address_without_versions_is_asked_with_a_bearer_token_as_litellm_does(version: str) -> None:
    found = brought_in(one("azure/d", api_base=AZURE, api_version=version))
    assert (upstream(found)["base_url"], upstream(found)["auth"]) == (f"{AZURE}/openai/v1", "bearer")


def test_an_address_that_holds_the_deployment_holds_it_once() -> None:
    base = f"{AZURE}/openai/deployments/d"
    found = brought_in(one("azure/d", api_base=base, api_version="2024-10-21"))
    assert upstream(found)["base_url"] == f"{AZURE}/openai"


@pytest.mark.parametrize(
    ("version", "base", "path"),
    [
        ("2024-10-21", "/openai", "/responses?api-version=2024-10-21"),
        ("", "/openai/v1", "/responses?api-version=preview"),
    ],
)
def test_azure_s_responses_api_is_a_dialect_and_no_part_of_the_name(version: str, base: str, path: str) -> None:
    found = brought_in(one("azure/responses/o3", api_base=AZURE, api_version=version))
    account: dict[str, Any] = upstream(found)
    assert (account["dialect"], account["base_url"]) == ("responses", f"{AZURE}{base}")
    assert (account["paths"]["chat"], account["paths"]["responses"]) == (path, path), "chats are asked there, too"
    assert named(found, "deployments")["m"]["upstreams"][0]["model"] == "o3"


def test_openai_s_responses_api_is_a_dialect_and_no_part_of_the_name() -> None:
    found = brought_in(one("openai/responses/gpt-5"))
    assert upstream(found)["dialect"] == "responses"
    assert named(found, "deployments")["m"]["upstreams"][0]["model"] == "gpt-5"


def test_azure_without_a_deployment_is_left_out_alone() -> None:
    whole = listed(entry("openai/a"), entry("azure/", name="d", api_base=AZURE, api_version="2024-10-21"))
    found = brought_in(whole)
    assert list(named(found, "deployments")) == ["m"]
    assert tells(found, "model_list[1]: was left out, for the house would refuse it", kind="left_out")


@pytest.mark.parametrize("name", ["o_series/d", "gpt5_series/d"])
def test_the_family_before_a_deployment_is_no_part_of_its_name(name: str) -> None:
    found = brought_in(one(f"azure/{name}", api_base=AZURE))
    assert named(found, "deployments")["m"]["upstreams"][0]["model"] == "d"


@pytest.mark.parametrize("base", ["https://p.example", "https://p.example/v1/publishers/google"])
def test_google_s_models_lie_right_behind_an_address(base: str) -> None:
    found = brought_in(one("gemini/gemini-2.5-pro", api_base=base))
    assert upstream(found)["base_url"] == base
    assert upstream(found)["paths"]["chat"] == "/models/{model}:generateContent"
    assert upstream(found)["paths"]["chat.stream"] == "/models/{model}:streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("model", "base", "comes_out"),
    [
        ("gemini/g", "https://p.example/v1beta", "https://p.example/v1beta"),
        ("anthropic/claude-x", "https://p.example/v1/messages", "https://p.example"),
        ("anthropic/claude-x", "https://p.example/anthropic", "https://p.example/anthropic"),
        ("mistral/x", "https://p.example", "https://p.example/v1"),
        ("huggingface/x", "http://tgi:8080", "http://tgi:8080/v1"),
        ("hosted_vllm/x", "http://v:8000/v1/chat/completions", "http://v:8000/v1"),
        ("openai/x", "http://h/v1", "http://h/v1"),
        ("azure_ai/x", "https://x.services.ai.azure.com", "https://x.services.ai.azure.com/models"),
        ("azure_ai/x", "https://m.models.ai.azure.com", "https://m.models.ai.azure.com"),
    ],
)
def test_an_address_is_what_it_is_to_its_vendor(model: str, base: str, comes_out: str) -> None:
    assert upstream(brought_in(one(model, api_base=base)))["base_url"] == comes_out


def test_an_address_of_cohere_s_own_api_is_not_asked_for_openai_s_dialect() -> None:
    found = brought_in(one("cohere/command-r", api_base="https://p.example/v2/chat"))
    assert found.imported == 0
    assert tells(found, "the house speaks Cohere's OpenAI dialect", kind="left_out")
    assert "base_url" not in upstream(brought_in(one("cohere/command-r", api_base="https://api.cohere.com/v2/chat")))


@pytest.mark.parametrize(
    ("model", "params", "region", "there"),
    [
        ("bedrock/eu-west-1/anthropic.x", {}, "eu-west-1", "anthropic.x"),
        ("bedrock/invoke/us.anthropic.x", {}, "us-west-2", "us.anthropic.x"),
        ("bedrock/converse/eu-west-1/a.b", {}, "eu-west-1", "a.b"),
        ("bedrock/anthropic.x", {"aws_region_name": "os.environ/R"}, "ap-south-1", "anthropic.x"),
        ("anthropic.claude-3-haiku-20240307-v1:0", {}, "us-west-2", "anthropic.claude-3-haiku-20240307-v1:0"),
    ],
)
def test_bedrock_s_region_is_litellm_s(model: str, params: dict[str, object], region: str, there: str) -> None:
    found = brought_in(one(model, **params), R="ap-south-1")
    assert upstream(found)["variables"] == {"region": region}
    assert named(found, "deployments")["m"]["upstreams"][0]["model"] == there


def test_a_region_from_the_surroundings_is_taken_and_one_that_is_assumed_is_told() -> None:
    assert upstream(brought_in(one("bedrock/a.b"), AWS_REGION="eu-north-1"))["variables"] == {"region": "eu-north-1"}
    assert tells(brought_in(one("bedrock/a.b")), "us-west-2 is taken, as LiteLLM does", kind="differs")


def test_a_region_in_a_variable_that_is_not_set_leaves_the_entry_out_and_says_so_once() -> None:
    found = brought_in(one("bedrock/a.b", aws_region_name="os.environ/R"))
    assert found.imported == 0
    assert len([note for note in found.notes if "aws_region_name" in str(note)]) == 1


def test_a_template_in_an_address_is_filled_or_told() -> None:
    config = one("openai/m", api_base="${LLM_BASE}/v1")
    assert upstream(brought_in(config, LLM_BASE="http://h"))["base_url"] == "http://h/v1"
    lost = brought_in(config)
    assert lost.imported == 0
    assert tells(lost, "LLM_BASE is not set here", kind="left_out")


@pytest.mark.parametrize(
    "model", ["gpt-4o", "openai/a", "cohere/a", "azure_ai/a", "gemini/a", "azure/a", "bedrock/a.b"]
)
@pytest.mark.parametrize("base", ["http://[h", "http://user:hidden@[h/v1", "//[", "http://[::1/v1"])
def test_an_address_that_cannot_be_taken_apart_costs_its_entry_alone(model: str, base: str) -> None:
    found = brought_in(listed(entry("groq/a"), entry(model, name="n", api_base=base)))
    assert list(named(found, "deployments")) == ["m"]
    assert tells(found, "api_base: is no address that can be read; the entry was left out", kind="left_out")
    assert not tells(found, "hidden")


@pytest.mark.parametrize("base", ["http://h/v 1", "http://h/v1?key=x", "http://user:hidden@h/v1", "h/v1", "ftp://h"])
def test_an_address_that_the_house_refuses_costs_its_entry_alone_and_is_not_repeated(base: str) -> None:
    found = brought_in(listed(entry("openai/a"), entry("openai/b", name="n", api_base=base)))
    assert list(named(found, "deployments")) == ["m"]
    assert tells(found, "model_list[1]: was left out, for the house would refuse it: base_url must be", kind="left_out")
    assert not tells(found, "hidden")
