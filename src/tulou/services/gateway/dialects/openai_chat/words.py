"""What requests and answers of this dialect have in common."""

from collections.abc import Mapping
from types import MappingProxyType

from tulou.services.gateway.dialects.events import Finish

FAMILY = "openai"
MAKER = "openai"

ESSENTIAL = frozenset(
    {
        "functions",
        "function_call",
        "web_search_options",
        "audio",
        "modalities",
        "response_format",
        "tool_choice",
        "guided_json",
        "guided_regex",
        "guided_choice",
        "guided_grammar",
        "structured_outputs",
        "grammar",
    }
)
"""Extra fields without which the answer would be wrong: another dialect refuses them."""

KIN = frozenset(
    {
        "service_tier",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
    }
)
"""Fields that OpenAI's two dialects have in common."""

REASONS: Mapping[str, Finish] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "tool_calls": "tool_calls",
        "function_call": "tool_calls",
        "content_filter": "content_filter",
        "eos": "stop",
        "max_tokens": "length",
        "model_length": "length",
        "sensitive": "content_filter",
    }
)
"""Why answers end, in the words of this dialect and of a few vendors who have their own."""

BROKEN = frozenset({"abort", "error", "insufficient_system_resource", "network_error"})
"""What DeepSeek, Mistral, OpenRouter, SGLang, vLLM and Zhipu say of answers that did not come to their end."""

FINISHES: Mapping[Finish, str] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "tool_calls": "tool_calls",
        "content_filter": "content_filter",
        "refusal": "content_filter",
        "stop_sequence": "stop",
        "pause": "stop",
        "other": "stop",
    }
)
