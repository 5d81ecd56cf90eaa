"""OpenAI's chat completions, as a vendor with open models speaks them: reasoning comes in `reasoning_content`."""

import json
from collections.abc import Iterator, Mapping

from openai.types.chat import completion_create_params

from tests.clients.vendor import strict
from tests.clients.vendor.fields import each, inner
from tests.clients.vendor.mind import CACHED, INPUT, OUTPUT, REASONING, Asked, Call, Json, RefusedError, Reply
from tests.clients.vendor.pieces import pieces
from tests.clients.vendor.thoughts import Memory

KNOWN = frozenset(completion_create_params.CompletionCreateParamsBase.__annotations__) | {"stream"}
MESSAGES: Mapping[str, frozenset[str]] = {
    "system": frozenset({"role", "content", "name"}),
    "user": frozenset({"role", "content", "name"}),
    "assistant": frozenset({"role", "content", "name", "tool_calls", "refusal", "reasoning_content"}),
    "tool": frozenset({"role", "content", "tool_call_id"}),
}
USAGE = {
    "prompt_tokens": INPUT,
    "completion_tokens": OUTPUT,
    "total_tokens": INPUT + OUTPUT,
    "prompt_tokens_details": {"cached_tokens": CACHED},
    "completion_tokens_details": {"reasoning_tokens": REASONING},
}


class Chat:
    """Reads requests and writes answers."""

    def __init__(self) -> None:
        self._memory = Memory()

    def read(self, body: bytes) -> tuple[Asked, Json]:
        """Return what is asked; raise `RefusedError` for what the vendor does not take."""
        request = strict.request("openai", body, KNOWN)
        messages: list[Json] = request["messages"]
        for message in messages:
            if message["role"] not in MESSAGES:
                raise RefusedError(f"unknown role {message['role']!r}", param="messages")
            strict.only(message, MESSAGES[message["role"]], f"a message of the role {message['role']}")
        self._check_calls(messages)
        if request.get("tools") == []:
            raise RefusedError("tools must not be empty", param="tools")
        tools = {tool["function"]["name"]: (False, tool["function"].get("parameters", {})) for tool in _tools(request)}
        strict.tool_names(tool["function"]["name"] for tool in _tools(request))
        last = max((at for at, message in enumerate(messages) if message["role"] == "assistant"), default=-1)
        recent, called = messages[last + 1 :], each(messages[last], "tool_calls") if last >= 0 else []
        parts = [part for message in recent if message["role"] == "user" for part in _parts(message)]
        asked = Asked(
            text="\n".join(part["text"] for part in parts if part["type"] == "text"),
            said_before=tuple(_text(message) for message in messages[:last] if message["role"] == "user"),
            results=tuple(_text(message) for message in recent if message["role"] == "tool"),
            pictures=tuple(strict.picture(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"),
            tools=tools,
            forced=_forced(request.get("tool_choice")),
            schema=_schema(request.get("response_format")),
            kept=self._memory.kept(
                [call["id"] for call in called], [messages[last].get("reasoning_content", "")], by="text"
            ),
            stream=request.get("stream") is True,
        )
        return asked, request

    def _check_calls(self, messages: list[Json]) -> None:
        for at, message in enumerate(messages):
            calls = each(message, "tool_calls")
            for call in calls:
                json.loads(call["function"]["arguments"])  # vLLM and DeepSeek refuse what is no JSON
            results: list[str] = []
            for later in messages[at + 1 :]:
                if later["role"] != "tool":
                    break
                results.append(later["tool_call_id"])
            if message["role"] == "assistant":
                strict.paired([call["id"] for call in calls], results, f"messages[{at}]")

    def whole(self, reply: Reply, request: Json) -> bytes:
        """Return a whole answer."""
        message: Json = {"role": "assistant", "content": reply.text or None}
        if reply.thought:
            message["reasoning_content"] = reply.thought
            self._remember(reply)
        if reply.calls:
            message["tool_calls"] = [_call(call) for call in reply.calls]
        choice = {"index": 0, "message": message, "finish_reason": _reason(reply), "logprobs": None}
        return json.dumps(_head(request) | {"choices": [choice], "usage": USAGE}).encode()

    def stream(self, reply: Reply, request: Json) -> Iterator[bytes]:
        """Yield the chunks of an answer."""
        head = _head(request) | {"object": "chat.completion.chunk"}
        yield _chunk(head, {"role": "assistant", "content": ""})
        if reply.thought:
            self._remember(reply)
        for piece in pieces(reply.thought):
            yield _chunk(head, {"reasoning_content": piece})
        for piece in pieces(reply.text):
            yield _chunk(head, {"content": piece})
        for index, call in enumerate(reply.calls):
            yield _chunk(head, {"tool_calls": [{"index": index} | _call(call, arguments="")]})
            for piece in pieces(call.arguments):
                yield _chunk(head, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        yield _chunk(head, {}, reason=_reason(reply))
        if inner(request, "stream_options").get("include_usage"):
            yield _event(head | {"choices": [], "usage": USAGE})
        yield b"data: [DONE]\n\n"

    def begin(self, request: Json) -> bytes:
        """Return how an answer begins that never ends."""
        return _chunk(_head(request) | {"object": "chat.completion.chunk"}, {"role": "assistant", "content": ""})

    def more(self) -> bytes:
        """Return another piece of it."""
        return _chunk(_head({}) | {"object": "chat.completion.chunk"}, {"content": "and "})

    def refusal(self, error: RefusedError) -> bytes:
        """Return the body of a refusal."""
        return json.dumps(
            {"error": {"message": str(error), "type": "invalid_request_error", "param": error.param, "code": None}}
        ).encode()

    def _remember(self, reply: Reply) -> None:
        for call in reply.calls[:1]:
            self._memory.think(reply.thought, call.id)


def _tools(request: Json) -> list[Json]:
    tools: list[Json] = request.get("tools") or []
    if any(tool["type"] != "function" for tool in tools):
        raise RefusedError("only functions are supported", param="tools")
    return tools


def _forced(choice: object) -> str | None:
    if choice == "required":
        return ""
    return str(choice["function"]["name"]) if isinstance(choice, dict) else None  # pyright: ignore[reportUnknownArgumentType] - JSON


def _schema(form: Json | None) -> Json | None:
    return form["json_schema"]["schema"] if form is not None and form["type"] == "json_schema" else None


def _parts(message: Json) -> list[Json]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or []


def _text(message: Json) -> str:
    return "".join(part.get("text", "") for part in _parts(message))


def _call(call: Call, *, arguments: str | None = None) -> Json:
    function = {"name": call.name, "arguments": call.arguments if arguments is None else arguments}
    return {"id": call.id, "type": "function", "function": function}


def _reason(reply: Reply) -> str:
    return "tool_calls" if reply.calls else "stop"


def _head(request: Json) -> Json:
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1764115200, "model": request.get("model", "")}


def _event(payload: Json) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def _chunk(head: Json, delta: Json, *, reason: str | None = None) -> bytes:
    return _event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": None})
