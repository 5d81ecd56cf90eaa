"""What requests and answers of this dialect have in common."""

from collections.abc import Mapping
from types import MappingProxyType

from tulou.services.gateway.dialects.events import Finish

FAMILY = "bedrock"
MAKER = "anthropic"
"""Who signs reasoning there: Anthropic's models alone do, and their signatures hold on every platform."""

REASONS: Mapping[str, Finish] = MappingProxyType(
    {
        "end_turn": "stop",
        "tool_use": "tool_calls",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "stop_sequence": "stop_sequence",
        "guardrail_intervened": "content_filter",
        "content_filtered": "content_filter",
    }
)

BROKEN = frozenset({"malformed_model_output", "malformed_tool_use"})
"""What is said of answers that did not come to their end."""
