"""LiteLLM's providers by the names that they have here, and where each account lies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tulou.cli.litellm.notes import VARIABLE, Section, Written
from tulou.contracts.upstreams.messages import Provider

NAMES: Mapping[str, str] = {
    "openai": "openai",
    "text-completion-openai": "openai",
    "azure": "azure-openai-deployments",
    "azure_text": "azure-openai-deployments",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "deepseek": "deepseek",
    "dashscope": "dashscope",
    "zai": "zai",
    "moonshot": "moonshot-intl",
    "mistral": "mistral",
    "groq": "groq",
    "together_ai": "together",
    "openrouter": "openrouter",
    "xai": "xai",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "jina_ai": "jina",
    "voyage": "voyage",
    "minimax": "minimax",
    "siliconflow": "siliconflow",
    "volcengine": "volcengine",
    "fireworks_ai": "fireworks",
    "cerebras": "cerebras",
    "perplexity": "perplexity",
    "nvidia_nim": "nvidia",
    "huggingface": "huggingface",
    "ollama": "ollama",
    "ollama_chat": "ollama",
    "hosted_vllm": "vllm",
    "vllm": "vllm",
    "lm_studio": "lm-studio",
    "llamafile": "llamacpp",
    "litellm_proxy": "litellm",
    "custom_openai": "openai-compatible",
    "openai_like": "openai-compatible",
}
_BARE = (
    (re.compile(r"(gpt|o\d|chatgpt|text-embedding|omni-moderation)"), "openai"),
    (re.compile("claude"), "anthropic"),
)
"""What LiteLLM takes a model to be that names no provider."""
_VERSIONED = re.compile(r"\d{4}-\d{2}-\d{2}")
AZURE_PATHS = ("chat/completions", "completions", "embeddings")


@dataclass(frozen=True)
class Account:
    """What is written of an upstream; `reference` is where its credential lies, `secret` says that it stood there."""

    provider: str
    base_url: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    paths: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    secret: bool = False

    def entry(self, name: str) -> Written:
        """Return the account as `house.yaml` has it."""
        entry: Written = {"name": name, "provider": self.provider}
        if self.base_url:
            entry["base_url"] = self.base_url
        if self.variables:
            entry["variables"] = dict(self.variables)
        if self.paths:
            entry["paths"] = dict(self.paths)
        if self.headers:
            entry["headers"] = [list(pair) for pair in self.headers]
        if self.reference:
            entry["credentials"] = [{"name": "default", "reference": self.reference}]
        return entry


class Vendors:
    """`variables` are those that the file sets or that are set here; secrets are never read from them."""

    def __init__(self, providers: Mapping[str, Provider], variables: Mapping[str, str]) -> None:
        self._providers = providers
        self._variables = variables

    def account(self, params: Section, model: str) -> tuple[Account, str] | None:
        """Return the account and the model's name there; None, with a note, for what cannot be called from here."""
        vendor, name = self._vendor(params, model)
        provider = NAMES.get(vendor)
        if provider is None:
            params.note("model", f"provider {vendor or model!r} is not known here; the entry was left out")
            return None
        base_url = self._plain(params, "api_base" if "api_base" in params else "base_url")
        if base_url is None:
            return None
        if provider == "openai" and base_url:
            provider = "openai-compatible"
        made = (
            self._azure(params, base_url) if provider.startswith("azure") else self._other(params, provider, base_url)
        )
        if made is None:
            return None
        reference, secret = self._credential(params, made.provider)
        headers = tuple((key, str(value)) for key, value in params.section("extra_headers").take_all())
        return Account(made.provider, made.base_url, made.variables, made.paths, headers, reference, secret), name

    def _vendor(self, params: Section, model: str) -> tuple[str, str]:
        given = params.text("custom_llm_provider")
        prefix, separator, rest = model.partition("/")
        if given:
            return given, model.removeprefix(f"{given}/")
        if separator and prefix in NAMES:
            return prefix, rest.removeprefix("converse/")
        if separator:
            return prefix, rest
        return next((vendor for pattern, vendor in _BARE if pattern.match(model)), ""), model

    def _plain(self, params: Section, name: str) -> str | None:
        """Return a text, following a variable; None, with a note, for one that is not set here."""
        text = params.text(name)
        if not text.startswith(VARIABLE):
            return text.rstrip("/")
        variable = text.removeprefix(VARIABLE)
        if variable not in self._variables:
            params.note(name, f"{variable} is not set here, and an address must be written out; the entry was left out")
            return None
        return self._variables[variable].rstrip("/")

    def _azure(self, params: Section, base_url: str) -> Account | None:
        version = params.text("api_version")
        if not base_url:
            params.note("api_base", "Azure needs one; the entry was left out")
            return None
        if not _VERSIONED.match(version):
            return Account("azure-openai", base_url=f"{base_url}/openai/v1")
        paths = tuple(
            (path.partition("/")[0], f"/deployments/{{model}}/{path}?api-version={version}") for path in AZURE_PATHS
        )
        return Account("azure-openai-deployments", base_url=f"{base_url}/openai", paths=paths)

    def _other(self, params: Section, provider: str, base_url: str) -> Account | None:
        variables: dict[str, str] = {}
        if "region" in self._providers[provider].variables and not base_url:
            region = self._plain(params, "aws_region_name")
            if not region:
                params.note("aws_region_name", "is missing; us-east-1 is assumed")
            variables["region"] = region or "us-east-1"
        needs = not self._providers[provider].base_url and not base_url
        if needs:
            params.note("api_base", f"{provider} needs one; the entry was left out")
            return None
        return Account(provider, base_url=base_url, variables=tuple(variables.items()))

    def _credential(self, params: Section, provider: str) -> tuple[str, bool]:
        key = params.text("api_key")
        aws = [params.take(name) for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")]
        if any(aws):
            params.note("aws_access_key_id", "an AWS key is one credential here, written ID:SECRET[:TOKEN]")
            return "", True
        if key.startswith(VARIABLE):
            return f"env://{key.removeprefix(VARIABLE)}", False
        known = self._providers[provider]
        if not key or key in ("none", "None", "EMPTY", "sk-1234", "fake-key", "anything"):
            usual = known.environment if known.auth != "none" else ""
            return (f"env://{usual}", False) if usual else ("", False)
        params.note("api_key", "stands there in clear, and was left out")
        return "", True
