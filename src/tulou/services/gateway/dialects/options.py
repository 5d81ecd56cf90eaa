"""What becomes of each field that a client may send, at every upstream and at the house's own engines.

A row has one letter for each of `TARGETS`: `y` it is done, `d` it is dropped and told in `x-tulou-dropped`, `r` the
request is refused and the field named, `g` the gate does it itself. Tests try every cell, and hold the lists of fields
against those of the clients' own libraries, so that a new one cannot be forgotten; a field in no list is told.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

TARGETS = ("openai", "responses", "anthropic", "gemini", "bedrock", "own")
"""The dialects of upstreams, and the engines of the house."""

Outcome = Literal["yes", "dropped", "refused", "by the gate"]
_OUTCOMES: Mapping[str, Outcome] = MappingProxyType({"y": "yes", "d": "dropped", "r": "refused", "g": "by the gate"})


class Option(NamedTuple):
    """What becomes of a client's field at a target."""

    client: str
    field: str
    target: str
    outcome: Outcome


CHAT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "yyyyyy": (
            "max_completion_tokens",
            "max_tokens",
            "messages",
            "model",
            "stream",
            "temperature",
            "tool_choice",
            "tools",
            "top_p",
        ),
        "yyyyyd": ("reasoning_effort",),
        "yyyddy": ("parallel_tool_calls",),
        "yyyddd": ("user",),
        "yyryry": ("logprobs", "response_format", "top_logprobs"),
        "yyddyd": ("metadata",),
        "yydddd": (
            "prompt_cache_key",
            "prompt_cache_options",
            "prompt_cache_retention",
            "safety_identifier",
            "service_tier",
            "store",
            "verbosity",
        ),
        "yryyyy": ("stop",),
        "yrryry": ("n",),
        "yrrrrr": ("audio", "function_call", "functions", "guided_json", "modalities", "web_search_options"),
        "ydyyyy": ("top_k",),
        "yddydy": ("frequency_penalty", "presence_penalty", "seed"),
        "yddddy": ("chat_template_kwargs", "logit_bias", "min_p", "stream_options"),
        "yddddd": ("moderation", "prediction", "reasoning", "repetition_penalty", "thinking"),
    }
)
RESPONSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "yyyyyy": (
            "input",
            "instructions",
            "max_output_tokens",
            "model",
            "stream",
            "temperature",
            "tool_choice",
            "tools",
            "top_p",
        ),
        "yyyyyd": ("reasoning",),
        "yyyddy": ("parallel_tool_calls",),
        "yyyddd": ("user",),
        "yyryry": ("top_logprobs",),
        "yyddyd": ("metadata",),
        "yydddd": (
            "prompt_cache_key",
            "prompt_cache_options",
            "prompt_cache_retention",
            "safety_identifier",
            "service_tier",
            "text",
        ),
        "ryrrrr": ("conversation", "prompt"),
        "gggggg": ("background", "include", "previous_response_id", "store", "stream_options"),
        "dydddd": (
            "access_programs",
            "background_options",
            "context_management",
            "image",
            "max_tool_calls",
            "moderation",
            "truncation",
        ),
    }
)
MESSAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "yyyyyy": (
            "max_tokens",
            "messages",
            "model",
            "stream",
            "system",
            "temperature",
            "tool_choice",
            "tools",
            "top_p",
        ),
        "yyyyyd": ("output_config", "thinking"),
        "yyyddd": ("metadata",),
        "yryyyy": ("stop_sequences",),
        "ydyyyy": ("top_k",),
        "rryrrr": ("container", "inference_geo"),
        "ddyddd": ("cache_control", "diagnostics", "service_tier", "speed", "user_profile_id", "workspace_id"),
    }
)
COMPLETIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "yyyyyy": ("max_tokens", "model", "prompt", "stream", "temperature", "top_p"),
        "yyyddd": ("user",),
        "yyryry": ("logprobs",),
        "yryyyy": ("stop",),
        "yrryry": ("n",),
        "yrrrrr": ("best_of", "echo", "suffix"),
        "ydyyyy": ("top_k",),
        "yddydy": ("frequency_penalty", "presence_penalty", "seed"),
        "yddddy": ("logit_bias", "min_p", "stream_options"),
    }
)

OPTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        client: MappingProxyType({field: row for row, fields in table.items() for field in fields})
        for client, table in (
            ("chat", CHAT),
            ("responses", RESPONSES),
            ("messages", MESSAGES),
            ("completions", COMPLETIONS),
        )
    }
)
"""The row of each field, by the client's dialect."""


EMBEDDINGS: Mapping[str, str] = MappingProxyType(
    {
        "model": "yyyy",
        "input": "yyyy",
        "encoding_format": "yggy",
        "dimensions": "yyyg",
        "user": "yddd",
        "of_tomorrow": "yddd",
    }
)
"""At `EMBEDDERS`; a vector of other dimensions than the house's own model makes is refused."""

EMBEDDERS = ("openai", "gemini", "bedrock", "own")

RERANKING: Mapping[str, str] = MappingProxyType(
    {
        "model": "yy",
        "query": "yy",
        "documents": "yy",
        "top_n": "yy",
        "return_documents": "gg",
        "max_tokens_per_doc": "yd",
        "of_tomorrow": "dy",
    }
)
"""From Jina's shape, at `RERANKERS`."""

RERANKERS = ("cohere", "jina")


def options() -> Iterator[Option]:
    """Yield every cell."""
    for client, rows in OPTIONS.items():
        for field, row in rows.items():
            for target, letter in zip(TARGETS, row, strict=True):
                yield Option(client, field, target, _OUTCOMES[letter])


def page() -> str:
    """Return the part of the reference page that shows them."""
    told = ["What becomes of each field of a request; **by the gate** is what the house does itself."]
    for client, rows in OPTIONS.items():
        told += ["", f"## Fields of {client}", "", "| | " + " | ".join(TARGETS) + " |"]
        told.append("|---|" + "---|" * len(TARGETS))
        told += _rows(rows)
    for title, targets, rows in (("embeddings", EMBEDDERS, EMBEDDINGS), ("rerank", RERANKERS, RERANKING)):
        told += ["", f"## Fields of {title}", "", "| | " + " | ".join(targets) + " |", "|---|" + "---|" * len(targets)]
        told += _rows(rows)
    return "\n".join([*told, ""])


def _rows(rows: Mapping[str, str]) -> Iterator[str]:
    for field, row in sorted(rows.items()):
        yield f"| `{field}` | " + " | ".join(_OUTCOMES[letter] for letter in row) + " |"
