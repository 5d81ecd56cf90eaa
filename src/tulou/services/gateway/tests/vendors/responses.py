"""OpenAI's responses."""

import msgspec

from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors.speech import Json, Saying, Speech

USAGE: Json = {
    "input_tokens": 7,
    "input_tokens_details": {"cached_tokens": 2},
    "output_tokens": 3,
    "output_tokens_details": {"reasoning_tokens": 1},
    "total_tokens": 10,
}
CALL: Json = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "get_weather",
    "arguments": '{"city":"Fuzhou"}',
    "status": "completed",
}
PART: Json = {"type": "output_text", "text": "hello", "annotations": [], "logprobs": []}
MESSAGE: Json = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [PART]}


def _response(status: str, output: list[Json], usage: Json | None = None, **more: object) -> Json:
    return {
        "id": "resp_v",
        "object": "response",
        "created_at": 1_800_000_000,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "gpt-v",
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage,
        **more,
    }


def _frames(*events: Json) -> tuple[bytes, ...]:
    return tuple(
        b"event: %b\ndata: %b\n\n"
        % (str(event["type"]).encode(), msgspec.json.encode({**event, "sequence_number": number}))
        for number, event in enumerate(events)
    )


BEGUN = (
    {"type": "response.created", "response": _response("in_progress", [])},
    {"type": "response.in_progress", "response": _response("in_progress", [])},
)
PLACE: Json = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
OPEN_TEXT: tuple[Json, ...] = (
    {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {**MESSAGE, "status": "in_progress", "content": []},
    },
    {"type": "response.content_part.added", **PLACE, "part": {**PART, "text": ""}},
)


def _delta(text: str) -> Json:
    return {"type": "response.output_text.delta", **PLACE, "delta": text, "logprobs": []}


SAID = _frames(
    *BEGUN,
    *OPEN_TEXT,
    _delta("hel"),
    _delta("lo"),
    {"type": "response.output_text.done", **PLACE, "text": "hello", "logprobs": []},
    {"type": "response.content_part.done", **PLACE, "part": PART},
    {"type": "response.output_item.done", "output_index": 0, "item": MESSAGE},
    {"type": "response.completed", "response": _response("completed", [MESSAGE], USAGE)},
)
CALLED = _frames(
    *BEGUN,
    {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {**CALL, "arguments": "", "status": "in_progress"},
    },
    {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 0, "delta": '{"city":'},
    {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 0, "delta": '"Fuzhou"}'},
    {
        "type": "response.function_call_arguments.done",
        "item_id": "fc_1",
        "output_index": 0,
        "arguments": CALL["arguments"],
    },
    {"type": "response.output_item.done", "output_index": 0, "item": CALL},
    {"type": "response.completed", "response": _response("completed", [CALL], USAGE)},
)
FAILED = _response("failed", [], None, error={"code": "server_error", "message": "cuda"})

RESPONSES = Speech(
    dialect="responses",
    text=Saying(whole=_response("completed", [MESSAGE], USAGE), frames=SAID),
    tools=Saying(whole=_response("completed", [CALL], USAGE), frames=CALLED),
    opening=_frames(*BEGUN, *OPEN_TEXT),
    piece=_frames(_delta("on and on "))[0],
    fault=_frames({"type": "response.failed", "response": FAILED})[0],
    refusal=lambda _, words: {
        "error": {"message": words, "type": "invalid_request_error", "param": "input", "code": "too_long"}
    },
    streams=lambda seen: bool(seen.json.get("stream")),
)


def asked_for(seen: Seen) -> str:
    """Return the last words of the prompt, as this vendor got them."""
    given = seen.json["input"]
    if isinstance(given, str):
        return given
    content = given[-1]["content"]
    return content if isinstance(content, str) else content[0]["text"]
