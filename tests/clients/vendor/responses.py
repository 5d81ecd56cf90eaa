"""OpenAI's responses: nothing is stored, reasoning is sealed, and comes back as the item that it was."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

from openai.types.responses import response_create_params

from tests.clients.vendor import strict
from tests.clients.vendor.fields import each, inner
from tests.clients.vendor.mind import CACHED, INPUT, OUTPUT, REASONING, Asked, Call, Json, RefusedError, Reply
from tests.clients.vendor.pieces import pieces
from tests.clients.vendor.thoughts import Memory

KNOWN = frozenset(response_create_params.ResponseCreateParamsBase.__annotations__) | {"stream", "client_metadata"}
ITEMS = {
    "message": frozenset({"type", "id", "status", "role", "content", "phase"}),
    "function_call": frozenset({"type", "id", "status", "call_id", "name", "arguments", "namespace"}),
    "custom_tool_call": frozenset({"type", "id", "status", "call_id", "name", "input", "namespace"}),
    "function_call_output": frozenset({"type", "id", "status", "call_id", "output"}),
    "custom_tool_call_output": frozenset({"type", "id", "status", "call_id", "output"}),
    "reasoning": frozenset({"type", "id", "summary", "content", "encrypted_content"}),
    "additional_tools": frozenset({"type", "id", "role", "tools"}),
}
CALLS = frozenset({"function_call", "custom_tool_call"})
USAGE = {
    "input_tokens": INPUT,
    "input_tokens_details": {"cached_tokens": CACHED},
    "output_tokens": OUTPUT,
    "output_tokens_details": {"reasoning_tokens": REASONING},
    "total_tokens": INPUT + OUTPUT,
}
Tools = dict[str, tuple[bool, Json]]


class Responses:
    """Reads requests and writes answers."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._groups: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def read(self, body: bytes) -> tuple[Asked, Json]:
        """Return what is asked; raise `RefusedError` for what the vendor does not take."""
        request = strict.request("responses", _as_written(body), KNOWN)
        if request.get("store") is not False:
            raise RefusedError("this organization may store nothing", param="store")
        given = request["input"]
        items: list[Json] = [{"role": "user", "content": given}] if isinstance(given, str) else given
        for item in items:
            kind = item.get("type") or "message"
            if kind not in ITEMS:
                raise RefusedError(f"item of the type {kind!r} cannot be resolved: nothing is stored", 404)
            strict.only(item, ITEMS[kind], f"an item of the type {kind}")
            if kind == "reasoning" and item.get("encrypted_content"):
                self._memory.check(item["encrypted_content"])
        tools = self._tools(request, items)
        last = max((at for at, item in enumerate(items) if _is_answered(item)), default=-1)
        recent, before = items[last + 1 :], items[: last + 1]
        outputs = [item for item in items if str(item.get("type")).endswith("_output")]
        strict.paired([item["call_id"] for item in items if item.get("type") in CALLS], _ids(outputs), "input")
        parts = [part for item in recent if item.get("role") == "user" for part in _parts(item["content"])]
        asked = Asked(
            text="\n".join(part["text"] for part in parts if part["type"] == "input_text"),
            said_before=tuple(_text(item["content"]) for item in before if item.get("role") == "user"),
            results=tuple(_text(item["output"]) for item in recent if str(item.get("type")).endswith("_output")),
            pictures=tuple(strict.picture(part["image_url"]) for part in parts if part["type"] == "input_image"),
            tools=tools,
            forced=_forced(request.get("tool_choice")),
            schema=_schema(request),
            kept=self._memory.kept(_ids(_calls_before(before)), [i.get("encrypted_content", "") for i in before]),
            stream=request.get("stream") is True,
        )
        return asked, request

    def _tools(self, request: Json, items: list[Json]) -> Tools:
        """Return the tools by name, and remember which belong to a group."""
        found: Tools = {}
        added: list[Json] = [tool for item in items if item.get("type") == "additional_tools" for tool in item["tools"]]
        for tool in [*each(request, "tools"), *added]:
            members: list[Json] = tool["tools"] if tool["type"] == "namespace" else [tool]
            strict.tool_names(member["name"] for member in members if member["type"] in {"function", "custom"})
            for member in members:
                if member["type"] in {"function", "custom"}:
                    found[member["name"]] = (member["type"] == "custom", member.get("parameters") or {})
                    self._groups[member["name"]] = tool["name"] if tool["type"] == "namespace" else ""
        return found

    def whole(self, reply: Reply, request: Json) -> bytes:
        """Return a whole answer."""
        return json.dumps(_response(request, "completed", self._output(reply), next(self._numbers))).encode()

    def stream(self, reply: Reply, request: Json) -> Iterator[bytes]:
        """Yield the events of an answer."""
        events = list(self._events(reply, request))
        for number, event in enumerate(events):
            yield _event(event | {"sequence_number": number})

    def begin(self, request: Json) -> bytes:
        """Return how an answer begins that never ends."""
        begun = _response(request, "in_progress", [], next(self._numbers))
        item: Json = _message("", 1) | {"status": "in_progress", "content": []}
        part: Json = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        events: list[Json] = [
            {"type": "response.created", "response": begun},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.content_part.added", **_place(item, 0), "content_index": 0, "part": part},
        ]
        return b"".join(_event(event | {"sequence_number": number}) for number, event in enumerate(events))

    def more(self) -> bytes:
        """Return another piece of it."""
        delta = {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0}
        return _event(delta | {"delta": "and ", "logprobs": [], "sequence_number": 9})

    def refusal(self, error: RefusedError) -> bytes:
        """Return the body of a refusal."""
        return json.dumps(
            {"error": {"message": str(error), "type": "invalid_request_error", "param": error.param, "code": None}}
        ).encode()

    def _output(self, reply: Reply) -> list[Json]:
        output: list[Json] = []
        if reply.thought:
            sealed = self._memory.think(reply.thought, reply.calls[0].id if reply.calls else "")
            summary = [{"type": "summary_text", "text": reply.thought}]
            output.append(
                {"id": f"rs_{sealed[:24]}", "type": "reasoning", "summary": summary, "encrypted_content": sealed}
            )
        if reply.text:
            output.append(_message(reply.text, next(self._numbers)))
        return output + [self._call(call) for call in reply.calls]

    def _call(self, call: Call) -> Json:
        kind = "custom_tool_call" if call.custom else "function_call"
        item: Json = {"id": f"{'ctc' if call.custom else 'fc'}_{call.id}", "type": kind, "status": "completed"}
        item |= {"call_id": call.id, "name": call.name, "input" if call.custom else "arguments": call.arguments}
        group = self._groups.get(call.name, "")
        return item | ({"namespace": group} if group else {})

    def _events(self, reply: Reply, request: Json) -> Iterator[Json]:
        number = next(self._numbers)
        begun = _response(request, "in_progress", [], number)
        yield {"type": "response.created", "response": begun}
        yield {"type": "response.in_progress", "response": begun}
        output = self._output(reply)
        for index, item in enumerate(output):
            place = _place(item, index)
            match item["type"]:
                case "message":
                    yield from _message_events(item, place)
                case "reasoning":
                    yield from _thought_events(item, place)
                case _:
                    yield from _call_events(item, place)
            yield {"type": "response.output_item.done", "output_index": index, "item": item}
        yield {"type": "response.completed", "response": _response(request, "completed", output, number)}


def _as_written(body: bytes) -> bytes:
    """Return a request with what the vendor takes for granted, and its types demand: ids of messages, details."""
    request: Json = json.loads(body)
    for item in request["input"] if isinstance(request.get("input"), list) else ():
        if item.get("role") == "assistant" and isinstance(item["content"], list):
            item.setdefault("type", "message")
            item.setdefault("id", "msg_0")
            item.setdefault("status", "completed")
        for part in item["content"] if isinstance(item.get("content"), list) else ():
            match part.get("type"):
                case "input_image":
                    part.setdefault("detail", "auto")
                case "output_text":
                    part.setdefault("annotations", [])
                case _:
                    pass
        if item.get("type") == "reasoning":
            item.setdefault("id", "rs_0")
            if item.get("content") is None:
                item.pop("content", None)
    return json.dumps(request).encode()


def _message(text: str, number: int) -> Json:
    part: Json = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"id": f"msg_{number}", "type": "message", "role": "assistant", "status": "completed", "content": [part]}


def _message_events(item: Json, place: Json) -> Iterator[Json]:
    part = item["content"][0]
    here = place | {"content_index": 0}
    yield _added(item | {"status": "in_progress", "content": []}, place)
    yield {"type": "response.content_part.added", **here, "part": part | {"text": ""}}
    for piece in pieces(part["text"]):
        yield {"type": "response.output_text.delta", **here, "delta": piece, "logprobs": []}
    yield {"type": "response.output_text.done", **here, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **here, "part": part}


def _thought_events(item: Json, place: Json) -> Iterator[Json]:
    part = item["summary"][0]
    here = place | {"summary_index": 0}
    yield _added(item | {"summary": [], "encrypted_content": ""}, place)
    yield {"type": "response.reasoning_summary_part.added", **here, "part": part | {"text": ""}}
    for piece in pieces(part["text"]):
        yield {"type": "response.reasoning_summary_text.delta", **here, "delta": piece}
    yield {"type": "response.reasoning_summary_text.done", **here, "text": part["text"]}
    yield {"type": "response.reasoning_summary_part.done", **here, "part": part}


def _call_events(item: Json, place: Json) -> Iterator[Json]:
    custom = item["type"] == "custom_tool_call"
    name, words = ("custom_tool_call_input", "input") if custom else ("function_call_arguments", "arguments")
    yield _added(item | {"status": "in_progress", words: ""}, place)
    for piece in pieces(item[words]):
        yield {"type": f"response.{name}.delta", **place, "delta": piece}
    called = {} if custom else {"name": item["name"]}
    yield {"type": f"response.{name}.done", **place, words: item[words], **called}


def _added(item: Json, place: Json) -> Json:
    return {"type": "response.output_item.added", "output_index": place["output_index"], "item": item}


def _place(item: Json, index: int) -> Json:
    return {"item_id": item["id"], "output_index": index}


def _is_answered(item: Json) -> bool:
    """Say whether an item is of an answer: what follows the last of them is what is asked now."""
    return item.get("role") == "assistant" or item.get("type") in CALLS | {"reasoning"}


def _calls_before(items: list[Json]) -> list[Json]:
    """Return the calls of the last answer."""
    return [item for item in items if item.get("type") in CALLS]


def _ids(items: list[Json]) -> list[str]:
    return [item["call_id"] for item in items]


def _parts(content: Any) -> list[Json]:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _text(content: Any) -> str:
    return "".join(part.get("text", "") for part in _parts(content))


def _forced(choice: Any) -> str | None:
    if choice == "required":
        return ""
    named: Json = {} if isinstance(choice, str) or choice is None else choice
    return named["name"] if named.get("type") in {"function", "custom"} else None


def _schema(request: Json) -> Json | None:
    return inner(inner(request, "text"), "format").get("schema")


def _response(request: Json, status: str, output: list[Json], number: int) -> Json:
    head: Json = {"id": f"resp_{number}", "object": "response", "created_at": 1764115200}
    head |= {"status": status, "output": output}
    asked = {name: request.get(name) for name in ("model", "instructions", "temperature", "top_p", "text")}
    said: Json = {"error": None, "incomplete_details": None, "metadata": {}, "parallel_tool_calls": True}
    said |= {"tools": request.get("tools") or [], "tool_choice": request.get("tool_choice") or "auto"}
    return head | asked | said | {"usage": USAGE if status == "completed" else None}


def _event(payload: Json) -> bytes:
    return f"event: {payload['type']}\ndata: ".encode() + json.dumps(payload).encode() + b"\n\n"
