"""Anthropic's messages: thoughts are signed, and must come back as they were."""

import json
import re
from collections.abc import Iterator
from typing import Any

from anthropic.types import message_create_params

from tests.clients.vendor import strict
from tests.clients.vendor.fields import inner
from tests.clients.vendor.mind import CACHED, INPUT, OUTPUT, Asked, Call, Json, RefusedError, Reply
from tests.clients.vendor.pieces import pieces
from tests.clients.vendor.thoughts import Memory

KNOWN = frozenset(message_create_params.MessageCreateParamsBase.__annotations__) | {
    "stream",
    "context_management",
    "temperature",
    "top_p",
    "top_k",
}
TOOL = frozenset(
    {"type", "name", "description", "input_schema", "strict", "cache_control", "defer_loading", "eager_input_streaming"}
)
ID = re.compile(r"^[a-zA-Z0-9_-]+$")
USAGE = {
    "input_tokens": INPUT - CACHED,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": CACHED,
    "output_tokens": OUTPUT,
}


class Messages:
    """Reads requests and writes answers."""

    def __init__(self) -> None:
        self._memory = Memory()

    def read(self, body: bytes) -> tuple[Asked, Json]:
        """Return what is asked; raise `RefusedError` for what the vendor does not take."""
        request = strict.request("anthropic", _as_written(body), KNOWN)
        tools: list[Json] = request.get("tools") or []
        for tool in tools:
            strict.only(tool, TOOL, "a tool")
        strict.tool_names(tool["name"] for tool in tools)
        turns = _turns(request["messages"])
        self._check(turns)
        last = max((at for at, (role, _) in enumerate(turns) if role == "assistant"), default=-1)
        recent = [block for role, blocks in turns[last + 1 :] if role == "user" for block in blocks]
        before = turns[last][1] if last >= 0 else []
        called = [block["id"] for block in before if block["type"] == "tool_use"]
        asked = Asked(
            text="\n".join(block["text"] for block in recent if block["type"] == "text"),
            said_before=tuple(_text(blocks) for role, blocks in turns[:last] if role == "user"),
            results=tuple(_text(_blocks(block["content"])) for block in recent if block["type"] == "tool_result"),
            pictures=tuple(_picture(block["source"]) for block in recent if block["type"] == "image"),
            tools={tool["name"]: (False, tool["input_schema"]) for tool in tools},
            forced=_forced(request.get("tool_choice")),
            schema=_schema(request),
            kept=self._memory.kept(called, [block["signature"] for block in before if block["type"] == "thinking"]),
            stream=request.get("stream") is True,
        )
        return asked, request

    def _check(self, turns: list[tuple[str, list[Json]]]) -> None:
        if not turns or turns[0][0] != "user":
            raise RefusedError("messages: the first message must be the user's", param="messages")
        for at, (role, blocks) in enumerate(turns):
            if any(block["type"] == "text" and not block["text"].strip() for block in blocks):
                raise RefusedError("messages: text content blocks must be non-empty", param="messages")
            for block in blocks:
                if block["type"] == "thinking":
                    self._memory.check(block["signature"])
            if role != "assistant":
                continue
            calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
            if not all(ID.match(call) for call in calls):
                raise RefusedError(f"messages[{at}]: an id of a call must match {ID.pattern}", param="messages")
            after = turns[at + 1][1] if at + 1 < len(turns) else []
            results = [block["tool_use_id"] for block in after if block["type"] == "tool_result"]
            strict.paired(calls, results, f"messages[{at}]")

    def whole(self, reply: Reply, request: Json) -> bytes:
        """Return a whole answer."""
        content: list[Json] = []
        if reply.thought:
            content.append({"type": "thinking", "thinking": reply.thought, "signature": self._sign(reply)})
        if reply.text:
            content.append({"type": "text", "text": reply.text, "citations": None})
        content += [_call(call, json.loads(call.arguments)) for call in reply.calls]
        return json.dumps(_head(request) | {"content": content, "stop_reason": _reason(reply), "usage": USAGE}).encode()

    def stream(self, reply: Reply, request: Json) -> Iterator[bytes]:
        """Yield the events of an answer."""
        yield _event("message_start", message=_head(request) | {"usage": USAGE | {"output_tokens": 1}})
        yield _event("ping")
        blocks: list[tuple[Json, list[Json]]] = []
        if reply.thought:
            deltas: list[Json] = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(reply.thought)]
            deltas.append({"type": "signature_delta", "signature": self._sign(reply)})
            blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
        if reply.text:
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(reply.text)]
            blocks.append(({"type": "text", "text": ""}, deltas))
        for call in reply.calls:
            arguments = "" if call.arguments == "{}" else call.arguments
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces(arguments)]]
            blocks.append((_call(call, {}), deltas))
        for index, (block, deltas) in enumerate(blocks):
            yield _event("content_block_start", index=index, content_block=block)
            for delta in deltas:
                yield _event("content_block_delta", index=index, delta=delta)
            yield _event("content_block_stop", index=index)
        ended = {"stop_reason": _reason(reply), "stop_sequence": None}
        yield _event("message_delta", delta=ended, usage={"output_tokens": OUTPUT})
        yield _event("message_stop")

    def begin(self, request: Json) -> bytes:
        """Return how an answer begins that never ends."""
        start = _event("message_start", message=_head(request) | {"usage": USAGE})
        return start + _event("content_block_start", index=0, content_block={"type": "text", "text": ""})

    def more(self) -> bytes:
        """Return another piece of it."""
        return _event("content_block_delta", index=0, delta={"type": "text_delta", "text": "and "})

    def refusal(self, error: RefusedError) -> bytes:
        """Return the body of a refusal."""
        kind = {429: "rate_limit_error"}.get(error.status, "invalid_request_error")
        return json.dumps({"type": "error", "error": {"type": kind, "message": str(error)}}).encode()

    def _sign(self, reply: Reply) -> str:
        return self._memory.think(reply.thought, reply.calls[0].id if reply.calls else "")


def _as_written(body: bytes) -> bytes:
    """Return a request as the types of the client know it, which are behind those of Anthropic's own agent."""
    request: Json = json.loads(body)
    thinking = inner(request, "thinking")
    if thinking.get("display") == "updates":
        thinking["display"] = "summarized"
    return json.dumps(request).encode()


def _turns(messages: list[Json]) -> list[tuple[str, list[Json]]]:
    """Return the turns; those of one side that follow each other are one, and what the system says is none."""
    turns: list[tuple[str, list[Json]]] = []
    for message in messages:
        if message["role"] == "system":
            continue
        blocks = _blocks(message["content"])
        if turns and turns[-1][0] == message["role"]:
            turns[-1][1].extend(blocks)
        else:
            turns.append((message["role"], list(blocks)))
    return turns


def _blocks(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _text(blocks: list[Json]) -> str:
    return "".join(block.get("text", "") for block in blocks)


def _picture(source: Json) -> str:
    return strict.picture(f"data:{source['media_type']};base64,{source['data']}")


def _forced(choice: Json | None) -> str | None:
    if choice is None or choice["type"] not in {"any", "tool"}:
        return None
    return choice.get("name", "")


def _schema(request: Json) -> Json | None:
    return inner(inner(request, "output_config"), "format").get("schema")


def _call(call: Call, arguments: Json) -> Json:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments}


def _reason(reply: Reply) -> str:
    return "tool_use" if reply.calls else "end_turn"


def _head(request: Json) -> Json:
    named: Json = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": []}
    return named | {"stop_reason": None, "stop_sequence": None}


def _event(name: str, **fields: object) -> bytes:
    return f"event: {name}\ndata: ".encode() + json.dumps({"type": name, **fields}).encode() + b"\n\n"
