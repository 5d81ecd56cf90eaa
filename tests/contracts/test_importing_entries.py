"""Entries of a LiteLLM configuration one by one: what each is for, and what the house would not take."""

import json
from collections.abc import AsyncGenerator

import pytest
import yaml

from tests.contracts.imports import brought_in, entry, items, listed, named, one, tells, upstream
from tests.contracts.whole import Whole, open_whole
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply


@pytest.fixture
async def whole() -> AsyncGenerator[Whole]:
    async with open_whole() as opened:
        yield opened


@pytest.mark.parametrize(
    ("model", "task"),
    [
        ("openai/text-embedding-3-small", "embedding"),
        ("text-embedding-ada-002", "embedding"),
        ("ollama/nomic-embed-text", "embedding"),
        ("ollama/all-minilm", "embedding"),
        ("openai/BAAI/bge-m3", "embedding"),
        ("hosted_vllm/intfloat/e5-mistral-7b-instruct", "embedding"),
        ("mistral/mistral-embed", "embedding"),
        ("voyage/voyage-3", "embedding"),
        ("jina_ai/jina-embeddings-v3", "embedding"),
        ("cohere/embed-english-v3.0", "embedding"),
        ("cohere/rerank-v3.5", "rerank"),
        ("jina_ai/jina-reranker-v2-base-multilingual", "rerank"),
        ("together_ai/Salesforce/Llama-Rank-V1", "rerank"),
        ("omni-moderation-latest", "moderation"),
        ("openai/omni-moderation-latest", "moderation"),
        ("openai/gpt-4o", None),
        ("openai/gpt-4o-audio-preview", None),
        ("groq/meta-llama/llama-guard-4-12b", None),
        ("gemini/gemini-2.5-flash", None),
        ("hosted_vllm/deepseek-ai/DeepSeek-OCR", None),
    ],
)
def test_what_a_model_without_a_mode_is_for_is_known_by_its_name(model: str, task: str | None) -> None:
    found = brought_in(one(model))
    assert named(found, "deployments")["m"].get("task") == task


@pytest.mark.parametrize(
    ("model", "mode"),
    [
        ("openai/whisper-1", "audio_transcription"),
        ("groq/whisper-large-v3", "audio_transcription"),
        ("openai/tts-1", "audio_speech"),
        ("openai/gpt-4o-mini-tts", "audio_speech"),
        ("openai/gpt-image-1.5", "image_generation"),
        ("dall-e-3", "image_generation"),
        ("openai/sora-2", "video_generation"),
        ("openai/gpt-realtime", "realtime"),
        ("mistral/mistral-ocr-latest", "ocr"),
    ],
)
def test_what_the_house_does_not_serve_is_left_out_though_no_mode_says_so(model: str, mode: str) -> None:
    found = brought_in(one(model))
    assert found.imported == 0
    assert tells(found, f"is taken for {mode!r} by its name, which is not served here", kind="left_out")


def test_what_nothing_says_a_task_of_is_taken_for_chat_and_told() -> None:
    found = brought_in(listed(*(entry("openai/our-own", name=name, api_base="http://h/v1") for name in "ab")))
    assert tells(
        found, "has no mode, and nothing in its name says what it is for: it is taken for chat", kind="differs"
    )
    assert not tells(brought_in(one("openai/qwen3", api_base="http://h/v1")), "has no mode")
    assert not tells(
        brought_in(listed(entry("openai/x", info={"mode": "chat"}, api_base="http://h/v1"))), "has no mode"
    )


def test_a_mode_that_is_written_holds_whatever_the_name_says() -> None:
    found = brought_in(listed(entry("openai/bge-chat", info={"mode": "chat"})))
    assert "task" not in named(found, "deployments")["m"]


def test_a_timeout_is_the_time_to_the_first_byte_of_an_answer_that_is_no_stream() -> None:
    config = listed(entry("ollama/a"), litellm_settings={"request_timeout": 600})
    deadlines = named(brought_in(config), "routes", "model")["m"]["deadlines"]
    assert deadlines == {"total_s": 600.0, "first_byte_s": 600.0, "idle_s": 600.0}


def test_a_timeout_of_the_router_s_may_be_a_text_or_a_reference() -> None:
    config = listed(entry("ollama/a"), router_settings={"timeout": "os.environ/T", "num_retries": "4"})
    route = named(brought_in(config, T="45"), "routes", "model")["m"]
    assert route["deadlines"] == {"total_s": 45.0, "first_byte_s": 45.0}
    assert route["retry"] == {"attempts": 5}


def test_names_that_become_one_are_told_apart() -> None:
    names = ["qwen3:8b", "qwen3-8b", "模型", "型", "a/b", "a b", "GPT", "gpt"]
    found = brought_in(
        listed(
            *(entry("openai/x", name=name, rpm=5) for name in names),
            router_settings={"routing_strategy": "usage-based-routing-v2"},
        )
    )
    routes = named(found, "routes", "model")
    reached = [routes[name]["shares"][0]["deployment"] if name in routes else name for name in names]
    assert sorted(reached) == sorted(named(found, "deployments")), "each name has a deployment of its own"
    assert reached[1] == "qwen3-8b", "what is a name already keeps it"
    limits = items(found, "limits")
    assert len({limit["name"] for limit in limits}) == len(limits)


def test_a_house_gets_no_more_accounts_than_it_takes() -> None:
    entries = [entry("openai/x", name=f"m{number}", api_base=f"http://h{number}/v1") for number in range(203)]
    found = brought_in(listed(*entries, entry("openai/y", name="again", api_base="http://h0/v1")))
    assert (len(named(found, "upstreams")), found.imported, found.listed) == (200, 201, 204)
    assert tells(found, "a house has 200 accounts", kind="left_out")


def test_a_model_with_more_upstreams_than_a_deployment_takes_loses_the_last() -> None:
    found = brought_in(listed(*(entry("openai/x", api_base=f"http://h{number}/v1") for number in range(66))))
    assert found.imported == 64
    assert tells(found, "model_list[65]: was left out: a deployment has up to 64 upstreams", kind="left_out")


async def test_whatever_comes_out_is_taken_by_the_house(whole: Whole) -> None:
    odd = [
        entry("openai/x", name="a b", api_base="http://h/v 1"),
        entry("azure/", name="d", api_base="https://r.openai.azure.com"),
        entry("openai/x", name="c", extra_headers={"Authorization": "Bearer sk-secret", "x\nteam": "a"}),
        entry("openai/x", name="r", api_base="http://h/v1", rpm=5, weight=2_000_000_000),
        entry("openai/x", name="r", api_base="http://g/v1", rpm=5, weight=1),
        entry("openai/" + "x" * 3000, name="long" * 40, input_cost_per_token=1e-6),
        entry("openai/x", name="模型 [x]", rpm=3, tpm=9),
        entry("bedrock/x", name="b", aws_region_name="eu west"),
        entry("openai/x", name="1", rpm=1e15),
        entry("openai/x", name="-", timeout=1e-9, max_retries=50),
    ]
    config = listed(
        *odd,
        router_settings={"routing_strategy": "usage-based-routing-v2", "cooldown_time": 5, "allowed_fails": 0},
        litellm_settings={"fallbacks": [{"a b": ["c"]}, {"c": ["r", "-"]}], "max_budget": 10},
    )
    found = brought_in(config)
    assert found.imported
    text = yaml.safe_dump(json.loads(json.dumps(dict(found.document))))
    await whole[Configuration].apply(Apply(text=text, prune=False))


def test_one_account_is_written_once_for_all_its_models() -> None:
    found = brought_in(listed(entry("openai/a", name="a"), entry("openai/b", name="b")))
    assert upstream(found)["name"] == "openai"
