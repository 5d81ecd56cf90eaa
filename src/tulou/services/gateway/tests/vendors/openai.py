"""OpenAI's chat completions."""

import msgspec

from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors.speech import Json, Saying, Speech

HEAD: Json = {"id": "chatcmpl-v", "created": 1_800_000_000, "model": "gpt-v"}
USAGE: Json = {
    "prompt_tokens": 7,
    "completion_tokens": 3,
    "total_tokens": 10,
    "prompt_tokens_details": {"cached_tokens": 2},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
CALL: Json = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Fuzhou"}'},
}


def _whole(message: Json, reason: str) -> Json:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason, "logprobs": None}
    return {**HEAD, "object": "chat.completion", "choices": [choice], "usage": USAGE}


def _chunk(delta: Json, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return _frame({**HEAD, "object": "chat.completion.chunk", "choices": [choice]})


def _frame(value: Json) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"


END = (_frame({**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}), b"data: [DONE]\n\n")
ROLE = _chunk({"role": "assistant", "content": ""})

OPENAI = Speech(
    dialect="openai",
    text=Saying(
        whole=_whole({"content": "hello"}, "stop"),
        frames=(ROLE, _chunk({"content": "hel"}), _chunk({"content": "lo"}), _chunk({}, "stop"), *END),
    ),
    tools=Saying(
        whole=_whole({"content": None, "tool_calls": [CALL]}, "tool_calls"),
        frames=(
            ROLE,
            _chunk({"tool_calls": [{"index": 0, **CALL, "function": {"name": "get_weather", "arguments": ""}}]}),
            _chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]}),
            _chunk({"tool_calls": [{"index": 0, "function": {"arguments": '"Fuzhou"}'}}]}),
            _chunk({}, "tool_calls"),
            *END,
        ),
    ),
    opening=(ROLE,),
    piece=_chunk({"content": "on and on "}),
    fault=b'data: {"error":{"message":"cuda","type":"server_error","code":500}}\n\n',
    refusal=lambda _, words: {
        "error": {"message": words, "type": "invalid_request_error", "param": "messages", "code": "too_long"}
    },
    streams=lambda seen: bool(seen.json.get("stream")),
)


def asked_for(seen: Seen) -> str:
    """Return the last words of the prompt, as this vendor got them."""
    content = seen.json["messages"][-1]["content"]
    return content if isinstance(content, str) else content[0]["text"]
