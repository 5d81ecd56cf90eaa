"""What of a request the house's own engines honour, since they pass over what they do not know without a word.

A field that is not listed as honoured is told as dropped, so that a new one cannot be lost, and does not reach the
engine, which may know more than a client may ask; one without which the answer would be wrong is refused. The names are
those of llama.cpp's server (tools/server/README.md); plain engines, which can less, refuse or tell the rest themselves.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.dialect import Dropped
from tulou.services.gateway.dialects.reading import present

_SAMPLED = frozenset(
    {
        "model",
        "stream",
        "stream_options",
        "max_tokens",
        "n",
        "stop",
        "seed",
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "typical_p",
        "top_n_sigma",
        "dynatemp_range",
        "dynatemp_exponent",
        "xtc_probability",
        "xtc_threshold",
        "mirostat",
        "mirostat_tau",
        "mirostat_eta",
        "presence_penalty",
        "frequency_penalty",
        "repeat_penalty",
        "repeat_last_n",
        "dry_multiplier",
        "dry_base",
        "dry_allowed_length",
        "dry_penalty_last_n",
        "dry_sequence_breakers",
        "samplers",
        "logit_bias",
        "logprobs",
        "n_probs",
        "min_keep",
        "n_keep",
        "ignore_eos",
        "json_schema",
        "grammar",
        "cache_prompt",
        "return_tokens",
        "timings_per_token",
        "post_sampling_probs",
        "t_max_predict_ms",
    }
)
_CONVERSED = frozenset(
    {
        "messages",
        "max_completion_tokens",
        "top_logprobs",
        "response_format",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "chat_template_kwargs",
        "add_generation_prompt",
        "continue_final_message",
        "reasoning_format",
        "thinking_budget_tokens",
        "enable_thinking",
    }
)

HONOURED: Mapping[Endpoint, frozenset[str]] = MappingProxyType(
    {
        "chat": _SAMPLED | _CONVERSED,
        "completions": _SAMPLED | {"prompt"},
        "embeddings": frozenset({"model", "input", "encoding_format", "dimensions"}),
    }
)

_SHAPES = "the house's engines hold to a shape that comes as response_format"
_SOUNDS = "the house's engines write text alone"
_OLD = "it has gone from the dialect; send tools and tool_choice"
_OTHERS = {
    "n_cmpl": "say n, by which a limit of tokens counts",
    "id_slot": "the slots of an engine are shared; nobody has one",
    "lora": "which adapters a model has is its deployment's to say",
    "n_predict": "say max_tokens, by which limits and budgets count",
    "guided_json": _SHAPES,
    "guided_regex": _SHAPES,
    "guided_choice": _SHAPES,
    "guided_grammar": _SHAPES,
    "structured_outputs": _SHAPES,
}

REFUSED: Mapping[Endpoint, Mapping[str, str]] = MappingProxyType(
    {
        "chat": _OTHERS
        | {
            "functions": _OLD,
            "function_call": _OLD,
            "audio": _SOUNDS,
            "modalities": _SOUNDS,
            "web_search_options": "the house's engines do not search the web",
        },
        "completions": _OTHERS
        | {
            "echo": "the house's engines give what they write, not what they read",
            "suffix": "the house's engines write what follows a text, not what stands within it",
            "best_of": "the house's engines pick no best of several; ask for n and pick it yourself",
        },
        "embeddings": {},
    }
)

_WHY = "the house's engines have no place for it"
_NEUTRAL: Mapping[str, frozenset[bytes]] = MappingProxyType(
    {
        "echo": frozenset({b"false"}),
        "suffix": frozenset({b'""'}),
        "best_of": frozenset({b"1"}),
        "modalities": frozenset({b'["text"]'}),
        "store": frozenset({b"false"}),
        "service_tier": frozenset({b'"auto"', b'"default"'}),
        "metadata": frozenset({b"{}"}),
        "user": frozenset({b'""'}),
    }
)
"""Values by which nothing is asked."""

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def settle_own(endpoint: Endpoint, body: bytes) -> tuple[Dropped, ...]:
    """Return what an engine of the house would pass over; raise `InvalidError` for what must not be passed over."""
    honoured = HONOURED.get(endpoint)
    if honoured is None:
        return ()
    try:
        fields = _FIELDS.decode(body)
    except msgspec.MsgspecError:
        return ()  # what cannot be read is refused where it is sent
    others = fields.keys() - honoured
    if not others:
        return ()
    asked = sorted(name for name in others if not _asks_nothing(name, fields[name]))
    for name in asked:
        if (why := REFUSED[endpoint].get(name)) is not None:
            raise InvalidError(f"{name}: {why}", param=name)
    return tuple(Dropped(field=name, why=_WHY) for name in asked)


def without(body: bytes, dropped: tuple[Dropped, ...]) -> bytes:
    """Return a body without the fields that are told as dropped."""
    if not dropped:
        return body
    told = {one.field for one in dropped}
    return msgspec.json.encode({name: raw for name, raw in _FIELDS.decode(body).items() if name not in told})


def _asks_nothing(name: str, raw: msgspec.Raw) -> bool:
    if present(raw) is None:
        return True
    return bytes(raw).replace(b" ", b"") in _NEUTRAL.get(name, frozenset())
