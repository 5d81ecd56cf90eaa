"""A call of a tool that takes nothing has the arguments `{}`, whoever made it and whoever reads it."""

import json
from typing import Any

import pytest

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, Echo
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.tests import told
from tulou.services.gateway.dialects.tests.eventstream import event

Json = dict[str, Any]
SPEAKERS: tuple[Endpoint, ...] = ("chat", "responses", "messages")
NOTHING: dict[str, Any] = {}
ABSENT = object()


def with_arguments(name: str, value: object) -> Json:
    return {} if value is ABSENT else {name: value}


def chat_call(number: int, value: object) -> Json:
    return {"id": f"c{number}", "type": "function", "function": {"name": "now"} | with_arguments("arguments", value)}


def chat(*values: object) -> bytes:
    calls = [chat_call(number, value) for number, value in enumerate(values)]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    return json.dumps(
        {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    ).encode()


def responses(*values: object) -> bytes:
    output = [
        {"type": "function_call", "id": f"fc{number}", "call_id": f"c{number}", "name": "now"}
        | with_arguments("arguments", value)
        for number, value in enumerate(values)
    ]
    return json.dumps({"id": "r", "object": "response", "status": "completed", "output": output}).encode()


def anthropic(*values: object) -> bytes:
    content = [
        {"type": "tool_use", "id": f"c{number}", "name": "now"} | with_arguments("input", value)
        for number, value in enumerate(values)
    ]
    return json.dumps({"type": "message", "id": "m", "content": content, "stop_reason": "tool_use"}).encode()


def gemini(*values: object) -> bytes:
    parts = [{"functionCall": {"name": "now"} | with_arguments("args", value)} for value in values]
    return json.dumps({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}).encode()


def bedrock(*values: object) -> bytes:
    content = [
        {"toolUse": {"toolUseId": f"c{number}", "name": "now"} | with_arguments("input", value)}
        for number, value in enumerate(values)
    ]
    return json.dumps({"output": {"message": {"content": content}}, "stopReason": "tool_use"}).encode()


WHOLE: list[tuple[UpstreamName, bytes]] = [
    *(("openai", chat(*values)) for values in (["", ""], [None, "{}"], [ABSENT, ABSENT], ["{}", " "])),
    *(("responses", responses(*values)) for values in (["", "{}"], [None, ABSENT])),
    *(("anthropic", anthropic(*values)) for values in ([NOTHING, NOTHING], [None, ABSENT])),
    *(("gemini", gemini(*values)) for values in ([NOTHING, ABSENT], [None, NOTHING])),
    *(("bedrock", bedrock(*values)) for values in ([NOTHING, ABSENT], [None, NOTHING])),
]


def sse(*events: object) -> bytes:
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in events)


def chat_stream(*pieces: str) -> bytes:
    """Return two calls, each begun with nothing and gone on with these pieces of arguments."""
    deltas: list[Json] = []
    for number in range(2):
        deltas.append({"tool_calls": [{"index": number} | chat_call(number, "")]})
        deltas += [{"tool_calls": [{"index": number, "function": {"arguments": piece}}]} for piece in pieces]
    chunks: list[Json] = [{"id": "x", "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"id": "x", "choices": [{"index": 0, "finish_reason": "tool_calls"}]})
    return sse(*chunks)


def responses_stream(*, done: str) -> bytes:
    events: list[Json] = [{"type": "response.created", "response": {"id": "r", "object": "response"}}]
    for number in range(2):
        item = {"type": "function_call", "id": f"fc{number}", "call_id": f"c{number}", "name": "now", "arguments": ""}
        events.append({"type": "response.output_item.added", "output_index": number, "item": item})
        events.append({"type": "response.output_item.done", "output_index": number, "item": item | {"arguments": done}})
    ended = {"id": "r", "object": "response", "status": "completed"}
    return sse(*events, {"type": "response.completed", "response": ended})


def anthropic_stream(*pieces: str, begun: object = NOTHING) -> bytes:
    events: list[Json] = [{"type": "message_start", "message": {"id": "m", "type": "message"}}]
    for number in range(2):
        block = {"type": "tool_use", "id": f"c{number}", "name": "now", "input": begun}
        events.append({"type": "content_block_start", "index": number, "content_block": block})
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        events += [{"type": "content_block_delta", "index": number, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": number})
    events += [{"type": "message_delta", "delta": {"stop_reason": "tool_use"}}, {"type": "message_stop"}]
    return sse(*events)


def bedrock_stream(*pieces: str) -> bytes:
    told: list[tuple[str, Json]] = [("messageStart", {"role": "assistant"})]
    for number in range(2):
        begun = {"toolUse": {"toolUseId": f"c{number}", "name": "now"}}
        told.append(("contentBlockStart", {"contentBlockIndex": number, "start": begun}))
        told += [
            ("contentBlockDelta", {"contentBlockIndex": number, "delta": {"toolUse": {"input": piece}}})
            for piece in pieces
        ]
        told.append(("contentBlockStop", {"contentBlockIndex": number}))
    told.append(("messageStop", {"stopReason": "tool_use"}))
    return b"".join(event(name, json.dumps(payload).encode()) for name, payload in told)


STREAMS: list[tuple[UpstreamName, bytes]] = [
    *(("openai", chat_stream(*pieces)) for pieces in ([], [""], ["{}"], ["{", "}"])),
    *(("responses", responses_stream(done=done)) for done in ("", "{}")),
    *(("anthropic", anthropic_stream(*pieces)) for pieces in ([], [""], ["{}"])),
    ("anthropic", anthropic_stream(begun=None)),
    ("anthropic", anthropic_stream(" ", "{", " ", "}")),
    *(("bedrock", bedrock_stream(*pieces)) for pieces in ([], [""], ["{}"])),
    *(("gemini", sse(json.loads(gemini(*values)))) for values in ([NOTHING, ABSENT], [None, NOTHING])),
]


def echo(client: Endpoint) -> Echo:
    body: Json = {"model": "house", "max_tokens": 9, "messages": [], "input": "x"}
    prompt = CLIENTS[client].read_request(json.dumps(body).encode())
    return Echo(id=f"{CLIENTS[client].id_prefix}0123abc", model="house", created=1764115200, prompt=prompt)


def streamed_arguments(client: Endpoint, pieces: list[Json]) -> list[str]:
    """Return the arguments that a client puts together from the pieces of a stream, and checks that the ends agree."""
    found: dict[int, str] = {}
    ended: list[str] = []
    for piece in pieces:
        match client:
            case "chat":
                for call in [call for choice in piece["choices"] for call in choice["delta"].get("tool_calls", ())]:
                    found[call["index"]] = found.get(call["index"], "") + call["function"]["arguments"]
            case "responses":
                if piece["type"] == "response.function_call_arguments.delta":
                    found[piece["output_index"]] = found.get(piece["output_index"], "") + piece["delta"]
                if piece["type"] == "response.function_call_arguments.done":
                    ended.append(piece["arguments"])
                if piece["type"] == "response.output_item.done":
                    ended.append(piece["item"]["arguments"])
            case _:
                if piece["type"] == "content_block_delta":
                    found[piece["index"]] = found.get(piece["index"], "") + piece["delta"]["partial_json"]
    assert all(json.loads(argument) == {} for argument in ended)
    return list(found.values())


@pytest.mark.parametrize("client", SPEAKERS)
@pytest.mark.parametrize(("upstream", "answer"), WHOLE)
def test_a_whole_answer_calls_with_an_empty_object(upstream: UpstreamName, answer: bytes, client: Endpoint) -> None:
    events = UPSTREAMS[upstream].read_answer(answer)

    written = told.whole(client, CLIENTS[client].write_answer(events, echo(client)))

    assert told.calls(client, written) == [("now", {}), ("now", {})]


@pytest.mark.parametrize("client", SPEAKERS)
@pytest.mark.parametrize(("upstream", "stream"), STREAMS)
def test_a_stream_calls_with_an_empty_object(upstream: UpstreamName, stream: bytes, client: Endpoint) -> None:
    reader = UPSTREAMS[upstream].reader()
    events: list[Event] = [*reader.feed(stream), *reader.end()]
    writer = CLIENTS[client].writer(echo(client))

    written = told.pieces(client, writer.write(events) + writer.end())

    assert [json.loads(arguments) for arguments in streamed_arguments(client, written)] == [{}, {}]


@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize("arguments", ["", "  ", None])
@pytest.mark.parametrize("client", ["chat", "responses"])
def test_a_call_that_comes_back_without_arguments_is_sent_with_an_empty_object(
    client: Endpoint, arguments: str | None, upstream: UpstreamName
) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": arguments}}
    asked = {
        "chat": {
            "messages": [
                {"role": "user", "content": "When?"},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c1", "content": "noon"},
            ]
        },
        "responses": {
            "input": [
                {"role": "user", "content": "When?"},
                {"type": "function_call", "call_id": "c1", "name": "now", "arguments": arguments},
                {"type": "function_call_output", "call_id": "c1", "output": "noon"},
            ]
        },
    }
    prompt = CLIENTS[client].read_request(json.dumps({"model": "house", **asked[client]}).encode())

    written = UPSTREAMS[upstream].write_request(prompt, Ability(model="m"))

    empty = {
        "openai": b'"arguments":"{}"',
        "responses": b'"arguments":"{}"',
        "anthropic": b'"input":{}',
        "bedrock": b'"input":{}',
        "gemini": b'"args":{}',
    }
    assert empty[upstream] in written.body
    assert written.dropped == ()
