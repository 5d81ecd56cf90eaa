"""Addresses of vendors and servers as LiteLLM means them: each vendor has its own habit of what an address holds."""

from urllib.parse import urlsplit

from tulou.cli.litellm.accounts import ImportedUpstream
from tulou.cli.litellm.section import Section

CHAT = "/chat/completions"
OLLAMA_ENDS = ("/api/chat", "/api/generate", "/api/embed", "/api")
VERSIONED = ("mistral", "huggingface", "siliconflow")
"""Vendors whose address LiteLLM gives a `/v1` that it has not."""

COHERE_HOSTS = ("api.cohere.com", "api.cohere.ai")
AZURE_AI_HOST = ".services.ai.azure.com"


def placed(params: Section, vendor: str, provider: str, base_url: str) -> ImportedUpstream | None:
    """Return the account of a vendor at an address (empty: its own); None, with a note, for what is not understood."""
    match vendor:
        case _ if not base_url:
            return ImportedUpstream(provider)
        case "ollama" | "ollama_chat":
            return ImportedUpstream(provider, base_url=_ollama(base_url))
        case "gemini":
            return _gemini(base_url)
        case "anthropic":
            return ImportedUpstream(provider, base_url=base_url.removesuffix("/v1/messages"))
        case "cohere" | "cohere_chat":
            return _cohere(params, base_url)
        case _:
            return _compatible(vendor, provider, base_url.removesuffix(CHAT))


def _compatible(vendor: str, provider: str, base_url: str) -> ImportedUpstream:
    """Return what speaks OpenAI's dialect at an address."""
    if vendor == "azure_ai":
        return _azure_ai(base_url)
    if provider in VERSIONED and not base_url.endswith("/v1"):
        base_url = f"{base_url}/v1"
    return ImportedUpstream("openai-compatible" if provider == "openai" else provider, base_url=base_url)


def _ollama(base_url: str) -> str:
    """Return where Ollama speaks OpenAI's dialect; LiteLLM speaks Ollama's own, below `/api`."""
    for end in OLLAMA_ENDS:
        base_url = base_url.removesuffix(end)
    return base_url if base_url.endswith("/v1") else f"{base_url}/v1"


def _gemini(base_url: str) -> ImportedUpstream:
    """Return Google's API at an address that holds the version, or needs none: LiteLLM adds `/models/...` alone."""
    if base_url.endswith("/v1beta"):
        return ImportedUpstream("gemini", base_url=base_url)
    paths = {
        "chat": "/models/{model}:generateContent",
        "chat.stream": "/models/{model}:streamGenerateContent?alt=sse",
        "count_tokens": "/models/{model}:countTokens",
        "models": "/models",
    }
    return ImportedUpstream("gemini").at(base_url, **paths)


def _cohere(params: Section, base_url: str) -> ImportedUpstream | None:
    """Return Cohere's own address for each of its paths; at another one, only what reranks is the same there."""
    if urlsplit(base_url).hostname in COHERE_HOSTS:
        return ImportedUpstream("cohere")
    for end in ("/v2/rerank", "/v1/rerank"):
        if base_url.endswith(end):
            return ImportedUpstream("cohere").at(base_url.removesuffix(end), rerank=end)
    if urlsplit(base_url).path.strip("/"):
        words = "the house speaks Cohere's OpenAI dialect, of which this address says nothing; the entry was left out"
        params.note("api_base", words, kind="left_out")
        return None
    return ImportedUpstream("cohere", base_url=base_url)


def _azure_ai(base_url: str) -> ImportedUpstream:
    host = urlsplit(base_url).hostname or ""
    if not host.endswith(AZURE_AI_HOST):
        return ImportedUpstream("openai-compatible", base_url=base_url)
    return ImportedUpstream("openai-compatible", base_url=f"{base_url.removesuffix('/models')}/models", auth="api-key")
