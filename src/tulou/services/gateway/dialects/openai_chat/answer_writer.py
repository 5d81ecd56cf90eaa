"""Writes answers, whole and in pieces."""

from collections.abc import Iterable

import msgspec

from tulou.kernel.errors import UpstreamError
from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.events import Event, Used
from tulou.services.gateway.dialects.folding import Choice, Folded, Piece, fold
from tulou.services.gateway.dialects.openai_chat.annotations import nested
from tulou.services.gateway.dialects.openai_chat.message_writer import called, detail
from tulou.services.gateway.dialects.openai_chat.words import FINISHES
from tulou.services.gateway.dialects.prompt import ThoughtPart

Json = dict[str, object]


def write_answer(events: Iterable[Event], echo: Echo) -> bytes:
    """Return a whole answer; raise `UpstreamError` when it failed."""
    folded = fold(events)
    if folded.failed is not None:
        raise UpstreamError(folded.failed.message)
    return msgspec.json.encode(_completion(folded, echo))


def _completion(folded: Folded, echo: Echo) -> Json:
    customs = customs_of(echo)
    completion: Json = {
        "id": echo.id,
        "object": "chat.completion",
        "created": echo.created,
        "model": echo.model,
        "choices": [_choice(index, folded.choice(index), customs) for index in sorted(folded.choices)],
    }
    if folded.used is not None:
        completion["usage"] = usage_of(folded.used)
    return completion


def customs_of(echo: Echo) -> frozenset[str]:
    """Return the names of the client's tools that take a text as it is."""
    return frozenset(tool.name for tool in echo.prompt.tools if tool.custom)


def _choice(index: int, choice: Choice, customs: frozenset[str]) -> Json:
    return {
        "index": index,
        "message": _message(choice, customs),
        "logprobs": _logprobs(choice),
        "finish_reason": FINISHES[choice.reason],
    }


def _message(choice: Choice, customs: frozenset[str]) -> Json:
    message: Json = {"role": "assistant", "content": choice.texts("text"), "refusal": choice.texts("refusal")}
    thoughts = choice.of("thought")
    if thinking := choice.texts("thought"):
        message["reasoning_content"] = thinking
    if any(thought.signature or thought.redacted for thought in thoughts):
        message["reasoning_details"] = [_detail(thought) for thought in thoughts]
    if annotations := _annotations(choice):
        message["annotations"] = annotations
    if calls := choice.of("call"):
        message["tool_calls"] = [
            {"id": call.id, **called(call.name, call.text, custom=call.name in customs)} for call in calls
        ]
    return message


def _annotations(choice: Choice) -> list[Json]:
    written: list[Json] = []
    offset = 0
    for part in choice.of("text"):
        written.extend(nested(part.annotations, offset=offset))
        offset += len(part.text)
    return written


def _detail(thought: Piece) -> Json:
    return detail(
        ThoughtPart(text=thought.text, signature=thought.signature, redacted=thought.redacted, summary=thought.summary)
    )


class _Logprobs(msgspec.Struct):
    content: list[msgspec.Raw] | None = None
    refusal: list[msgspec.Raw] | None = None


_LOGPROBS = msgspec.json.Decoder(_Logprobs)


def _logprobs(choice: Choice) -> object:
    """Return the pieces' probabilities as one list."""
    pieces = [_LOGPROBS.decode(raw) for part in choice.parts for raw in part.logprobs]
    if not pieces:
        return None
    content = [token for piece in pieces for token in piece.content or ()]
    refusal = [token for piece in pieces for token in piece.refusal or ()]
    return {"content": content, "refusal": refusal or None}


def usage_of(used: Used) -> Json:
    """Return the counts."""
    return {
        "prompt_tokens": used.input,
        "completion_tokens": used.output,
        "total_tokens": used.input + used.output,
        "prompt_tokens_details": {
            "cached_tokens": used.cached,
            "cache_write_tokens": used.cache_written,
            "audio_tokens": used.audio_input,
        },
        "completion_tokens_details": {"reasoning_tokens": used.reasoning, "audio_tokens": used.audio_output},
    }
