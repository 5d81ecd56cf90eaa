"""Vendors are data: what comes with the package is whole, and a house may add its own."""

import tomllib
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tulou.chassis.strict import strict
from tulou.contracts.upstreams.messages import Provider, UpstreamSpec
from tulou.kernel.errors import InvalidError
from tulou.services.upstreams.domain.effective import effective
from tulou.services.upstreams.providers import ProvidersFile, check_provider, known_providers

ASKED_FOR = (
    *("openai", "azure-openai", "anthropic", "gemini", "bedrock", "deepseek", "dashscope", "zhipu", "moonshot"),
    *("mistral", "groq", "together", "openrouter", "xai", "cohere", "jina", "voyage", "minimax", "siliconflow"),
    *("ollama", "vllm", "sglang", "lm-studio", "llamacpp", "litellm", "openai-compatible", "anthropic-compatible"),
)

PROVIDERS = known_providers()
HEAD = '[[provider]]\nname = "a"\ntitle = "A"\n'


def test_the_vendors_that_people_ask_for_are_there() -> None:
    assert [name for name in ASKED_FOR if name not in PROVIDERS] == []


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_vendor_comes_to_an_address_and_can_be_called(name: str) -> None:
    provider = PROVIDERS[name]
    check_provider(provider)
    given = "http://127.0.0.1:9" if not provider.base_url else None
    spec = UpstreamSpec(
        name="u", provider=name, base_url=given, variables=dict.fromkeys(provider.variables, "westeurope")
    )
    found = effective(provider, spec)
    url = urlsplit(found.base_url)
    assert url.hostname
    assert "{" not in found.base_url
    assert url.scheme == "https" or url.hostname == "127.0.0.1", "secrets go out in clear only to this machine"
    assert provider.title
    assert (provider.auth == "none") or provider.environment or not provider.base_url
    assert len(set(provider.capabilities)) == len(provider.capabilities)


def test_the_file_has_no_field_that_a_provider_has_not() -> None:
    raw = tomllib.loads(files("tulou.services.upstreams").joinpath("providers.toml").read_text("utf-8"))
    assert len(strict(raw, ProvidersFile).provider) == len(PROVIDERS)


def test_a_house_adds_vendors_and_replaces_some(tmp_path: Path) -> None:
    own = tmp_path / "providers.toml"
    own.write_text(
        """[[provider]]
name = "ours"
title = "Our own"
base_url = "https://models.example/v1"
[[provider]]
name = "openai"
title = "OpenAI, by our proxy"
base_url = "https://proxy.example/v1"
"""
    )
    known = known_providers(str(own))
    assert known["ours"].auth == "bearer"
    assert known["openai"].base_url == "https://proxy.example/v1"
    assert len(known) == len(PROVIDERS) + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            HEAD + 'base_ulr = ""',
            r"base_ulr: no such field; did you mean 'base_url'",
        ),
        ('[[provider]]\nname = "a"', r"provider\[0\]: Object missing required field `title`"),
        (HEAD + 'base_url = "ftp://x"', "'a': base_url must be http"),
        (HEAD + 'base_url = "http://{x}.y"', r"\{x\}, which is no variable"),
        (
            HEAD + 'base_url = "http://y"\nvariables = ["x"]',
            "does not stand in base_url",
        ),
        (HEAD + 'base_url = ""\nprobe = "ping"', "models, connect, or a path"),
        ((HEAD + 'base_url = ""\n') * 2, "'a' stands there twice"),
        ("[[provider]\n", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_house_s_file_is_named(text: str, words: str, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(text)
    with pytest.raises(InvalidError, match=words) as refused:
        known_providers(str(own))
    assert "mine.toml" in str(refused.value)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidError, match=r"providers_file = 'nowhere\.toml' cannot be read"):
        known_providers("nowhere.toml")


def test_no_code_knows_a_vendor_by_name() -> None:
    package = files("tulou.services.upstreams")
    code = "".join(
        file.read_text("utf-8")
        for folder in (package, package.joinpath("domain"))
        for file in folder.iterdir()
        if file.name.endswith(".py")
    )
    named = [name for name in PROVIDERS if f'"{name}"' in code]
    assert named == []


def test_what_an_upstream_says_otherwise_is_taken() -> None:
    provider = Provider(
        name="p",
        title="P",
        base_url="https://p.example/v1",
        paths={"chat": "/a", "models": "/m"},
        headers=(("x-version", "1"),),
        capabilities=("chat",),
    )
    spec = UpstreamSpec(
        name="u",
        provider="p",
        base_url="https://q.example/v2/",
        dialect="anthropic",
        auth="x-api-key",
        paths={"chat": "/b"},
        headers=(("X-Version", "2"), ("x-org", "o")),
        capabilities=(),
    )
    found = effective(provider, spec)
    assert (found.base_url, found.dialect, found.auth) == ("https://q.example/v2", "anthropic", "x-api-key")
    assert found.paths == {"chat": "/b", "models": "/m"}
    assert found.headers == (("x-version", "2"), ("x-org", "o"))
    assert found.capabilities == ()
