"""Tools that a vendor runs itself, and what they left in a conversation: no other vendor can go on with either."""

import msgspec

from tulou.services.gateway.dialects.prompt import OpaqueInput, Prompt, Turn

RUN = frozenset(
    {
        "item web_search_call",
        "item file_search_call",
        "item code_interpreter_call",
        "item image_generation_call",
        "item mcp_list_tools",
        "item mcp_call",
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "mcp_tool_use",
        "mcp_tool_result",
    }
)
"""Parts that tell of such a tool; the words that the model wrote after it stand beside them."""


class Hosted(msgspec.Struct):
    """What is known of such a tool."""

    type: str = ""
    name: str = ""


_HOSTED = msgspec.json.Decoder(Hosted)


def hosted_tools(prompt: Prompt) -> list[Hosted]:
    """Return the tools that the vendor of the prompt's dialect would run."""
    found: list[Hosted] = []
    for raw in prompt.hosted:
        try:
            found.append(_HOSTED.decode(raw))
        except msgspec.ValidationError:
            found.append(Hosted())
    return found


def is_forced(prompt: Prompt, hosted: list[Hosted]) -> bool:
    """Say whether one of them must be used, so that an answer without it would be wrong."""
    choice = prompt.tool_choice
    if choice is None or choice.mode != "required":
        return False
    return any(tool.name in choice.names for tool in hosted) if choice.names else not prompt.tools


def left_behind(prompt: Prompt) -> frozenset[str]:
    """Return the kinds of parts in the conversation that such tools left."""
    return frozenset(
        part.kind for turn in prompt.turns for part in turn.parts if isinstance(part, OpaqueInput) and part.kind in RUN
    )


def without_runs(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Return the turns without what such tools left; a turn of nothing else is gone."""
    kept: list[Turn] = []
    for turn in turns:
        parts = tuple(part for part in turn.parts if not (isinstance(part, OpaqueInput) and part.kind in RUN))
        if len(parts) == len(turn.parts):
            kept.append(turn)
        elif parts:
            kept.append(msgspec.structs.replace(turn, parts=parts))
    return tuple(kept)
