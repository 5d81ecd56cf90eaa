"""Writes whole answers."""

from collections.abc import Iterable

import msgspec

from tulou.kernel.errors import UpstreamError
from tulou.services.gateway.dialects.anthropic.words import FAMILY, MAKER, STOPS
from tulou.services.gateway.dialects.citations import citations_of
from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.events import Event, Finish, Used
from tulou.services.gateway.dialects.folding import Piece, fold
from tulou.services.gateway.dialects.seals import shown

Json = dict[str, object]
EMPTY = msgspec.Raw(b"{}")
_ARGUMENTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def write_answer(events: Iterable[Event], echo: Echo) -> bytes:
    """Return a whole answer; raise `UpstreamError` when it failed."""
    folded = fold(events)
    if folded.failed is not None:
        raise UpstreamError(folded.failed.message)
    choice = folded.choice()
    blocks = [block for part in choice.parts if (block := _block(part)) is not None]
    message = message_of(echo, blocks)
    message["stop_reason"] = stop_of(choice.reason, refused=bool(choice.of("refusal")))
    message["stop_sequence"] = choice.stop_sequence or None
    message["usage"] = usage_of(folded.used or Used())
    return msgspec.json.encode(message)


def message_of(echo: Echo, blocks: list[object]) -> Json:
    """Return a message that has not ended."""
    return {
        "id": echo.id,
        "type": "message",
        "role": "assistant",
        "model": echo.model,
        "content": blocks,
        "stop_reason": None,
        "stop_sequence": None,
    }


def stop_of(reason: Finish, *, refused: bool) -> str:
    """Return why an answer ended; one whose words decline is a refusal."""
    return "refusal" if refused and reason == "stop" else STOPS[reason]


def usage_of(used: Used) -> Json:
    """Return the counts: what was read from the cache or written to it is told apart from the input."""
    usage: Json = {
        "input_tokens": max(0, used.input - used.cached - used.cache_written),
        "cache_creation_input_tokens": used.cache_written,
        "cache_read_input_tokens": used.cached,
        "output_tokens": used.output,
    }
    if used.cache_written_hour:
        usage["cache_creation"] = {
            "ephemeral_5m_input_tokens": used.cache_written - used.cache_written_hour,
            "ephemeral_1h_input_tokens": used.cache_written_hour,
        }
    if used.searches:
        usage["server_tool_use"] = {"web_search_requests": used.searches}
    if used.reasoning:
        usage["output_tokens_details"] = {"thinking_tokens": used.reasoning}
    return usage


def _block(part: Piece) -> object:
    match part.kind:
        case "text" | "refusal":
            return {"type": "text", "text": part.text, "citations": citations_of(part.annotations) or None}
        case "thought" if part.redacted:
            return {"type": "redacted_thinking", "data": shown(part.redacted, MAKER)}
        case "thought":
            return {"type": "thinking", "thinking": part.text, "signature": shown(part.signature, MAKER)}
        case "call":
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": _input(part.text)}
        case "opaque":
            return part.raw if part.family == FAMILY else None


def _input(arguments: str) -> object:
    """Return the arguments as an object; a model may have written what is none."""
    try:
        _ARGUMENTS.decode(arguments or "{}")
    except msgspec.MsgspecError:
        return {"arguments": arguments}
    return msgspec.Raw(arguments.encode()) if arguments else EMPTY
