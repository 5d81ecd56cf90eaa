"""What requests and answers of this dialect have in common."""

from collections.abc import Mapping
from types import MappingProxyType

from tulou.services.gateway.dialects.events import Finish

FAMILY = "anthropic"
MAKER = "anthropic"

ESSENTIAL = frozenset({"container", "inference_geo", "mcp_servers", "output_config", "tool_choice"})
"""Extra fields without which the answer would be wrong: another dialect refuses them."""

REASONS: Mapping[str, Finish] = MappingProxyType(
    {
        "end_turn": "stop",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "stop_sequence": "stop_sequence",
        "tool_use": "tool_calls",
        "pause_turn": "pause",
        "refusal": "refusal",
    }
)

STOPS: Mapping[Finish, str] = MappingProxyType(
    {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool_calls": "tool_use",
        "content_filter": "refusal",
        "refusal": "refusal",
        "stop_sequence": "stop_sequence",
        "pause": "pause_turn",
        "other": "end_turn",
    }
)
