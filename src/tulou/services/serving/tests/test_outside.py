"""What an account at a vendor comes to: each vendor's address, as its own documentation has it."""

import pytest

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.upstreams.messages import Capability, Provider
from tulou.kernel.errors import InvalidError
from tulou.services.serving.domain.outside import address_of, probe_of, task_of


@pytest.mark.parametrize(
    ("base_url", "dialect", "url", "chat"),
    [
        ("https://api.openai.com/v1", "openai", "https://api.openai.com", None),
        ("https://api.groq.com/openai/v1/", "openai", "https://api.groq.com/openai", None),
        ("https://a.example/api/paas/v4", "openai", "https://a.example/api/paas/v4", "/chat/completions"),
        ("http://127.0.0.1:8080", "openai", "http://127.0.0.1:8080", "/chat/completions"),
        ("https://api.anthropic.com", "anthropic", "https://api.anthropic.com", None),
        ("https://api.anthropic.com/v1", "anthropic", "https://api.anthropic.com", None),
        ("https://a.example/anthropic", "anthropic", "https://a.example/anthropic", None),
        ("https://g.example/v1beta", "gemini", "https://g.example", None),
        ("https://b.example", "bedrock", "https://b.example", None),
    ],
)
def test_a_base_url_may_hold_the_version_or_not(
    base_url: str, dialect: UpstreamDialect, url: str, chat: str | None
) -> None:
    found, paths = address_of(base_url, dialect, {})
    assert (found, paths.get("chat")) == (url, chat)


def test_paths_of_a_vendor_follow_its_base_url() -> None:
    assert address_of("https://a/v1", "openai", {"rerank": "/r"}) == ("https://a", {"rerank": "/v1/r"})
    assert address_of("https://a", "openai", {"rerank": "/v2/rerank"})[1]["rerank"] == "/v2/rerank"
    assert address_of("https://a", "anthropic", {"messages": "/m"}) == ("https://a", {"messages": "/m"})


def provider(base_url: str, dialect: UpstreamDialect = "openai", probe: str = "models", **paths: str) -> Provider:
    return Provider(name="p", title="P", base_url=base_url, dialect=dialect, probe=probe, paths=paths)


@pytest.mark.parametrize(
    ("asked", "url"),
    [
        (provider("https://a/v1"), "https://a/v1/models"),
        (provider("https://a/v4"), "https://a/v4/models"),
        (provider("https://a", "anthropic"), "https://a/v1/models"),
        (provider("https://a", "gemini"), "https://a/v1beta/models"),
        (provider("https://a/v1", probe="/key"), "https://a/v1/key"),
        (provider("https://a", models="/v1/models?x=1"), "https://a/v1/models?x=1"),
        (provider("https://a/v1", probe="connect"), ""),
    ],
)
def test_what_is_asked_is_free(asked: Provider, url: str) -> None:
    assert probe_of(asked) == url


@pytest.mark.parametrize(
    ("capabilities", "task"),
    [
        ((), "chat"),
        (("chat", "embeddings"), "chat"),
        (("embeddings", "rerank"), "embedding"),
        (("rerank",), "rerank"),
        (("moderations",), "moderation"),
        (("stream",), "chat"),
    ],
)
def test_a_model_outside_is_for_the_first_that_its_provider_can(
    capabilities: tuple[Capability, ...], task: str
) -> None:
    assert task_of(None, [Provider(name="p", title="P", base_url="", capabilities=capabilities)]) == task


def test_the_older_option_says_the_task_too() -> None:
    assert task_of("embedding", []) == "embedding"
    assert task_of(None, []) == "chat"
    with pytest.raises(InvalidError, match="chat, embedding, rerank, moderation") as refused:
        task_of("speech", [])
    assert refused.value.param == "options.task"
