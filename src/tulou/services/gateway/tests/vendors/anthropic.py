"""Anthropic's messages."""

import msgspec

from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors.speech import Json, Saying, Speech

HEAD: Json = {"id": "msg_v", "type": "message", "role": "assistant", "model": "claude-v", "stop_sequence": None}
USAGE: Json = {"input_tokens": 5, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 0, "output_tokens": 3}
TOOL: Json = {"type": "tool_use", "id": "call_1", "name": "get_weather"}


def _whole(block: Json, reason: str) -> Json:
    return {**HEAD, "content": [block], "stop_reason": reason, "usage": USAGE}


def _frame(kind: str, **value: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode({"type": kind, **value}))


def _end(reason: str) -> tuple[bytes, ...]:
    return (
        _frame("content_block_stop", index=0),
        _frame("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 3}),
        _frame("message_stop"),
    )


def _text(text: str) -> bytes:
    return _frame("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def _json(text: str) -> bytes:
    return _frame("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": text})


START = _frame(
    "message_start", message={**HEAD, "content": [], "stop_reason": None, "usage": USAGE | {"output_tokens": 1}}
)
OPEN_TEXT = _frame("content_block_start", index=0, content_block={"type": "text", "text": ""})
PING = _frame("ping")

ANTHROPIC = Speech(
    dialect="anthropic",
    text=Saying(
        whole=_whole({"type": "text", "text": "hello"}, "end_turn"),
        frames=(START, OPEN_TEXT, PING, _text("hel"), _text("lo"), *_end("end_turn")),
    ),
    tools=Saying(
        whole=_whole({**TOOL, "input": {"city": "Fuzhou"}}, "tool_use"),
        frames=(
            START,
            _frame("content_block_start", index=0, content_block={**TOOL, "input": {}}),
            _json('{"city":'),
            _json('"Fuzhou"}'),
            *_end("tool_use"),
        ),
    ),
    opening=(START, OPEN_TEXT),
    piece=_text("on and on "),
    fault=_frame("error", error={"type": "api_error", "message": "cuda"}),
    refusal=lambda status, words: {
        "type": "error",
        "error": {"type": "overloaded_error" if status == 529 else "invalid_request_error", "message": words},
    },
    streams=lambda seen: bool(seen.json.get("stream")),
)


def asked_for(seen: Seen) -> str:
    """Return the last words of the prompt, as this vendor got them."""
    content = seen.json["messages"][-1]["content"]
    return content if isinstance(content, str) else content[0]["text"]
