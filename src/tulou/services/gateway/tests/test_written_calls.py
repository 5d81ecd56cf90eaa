"""A call that one of the house's own models writes as text becomes a call, and nothing else does."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.types import Send

from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, Upstream, begin_stream, reply, upstream

CITY = {"type": "object", "properties": {"city": {"type": "string", "minLength": 2}}, "required": ["city"]}
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "weather", "parameters": {**CITY, "additionalProperties": False}}},
    {"type": "function", "function": {"name": "time"}},
]
CALL = '{"name": "weather", "arguments": {"city": "福州"}}'
ARGUMENTS = {"city": "福州"}

WRITTEN = {
    "bare": CALL,
    "with space around": f"\n\n {CALL}\n",
    "fenced": f"```json\n{CALL}\n```",
    "fenced without a word": f"```\n{CALL}```",
    "in a tag": f"<tool_call>\n{CALL}\n</tool_call>",
    "in a list": f"[{CALL}]",
    "as Mistral does": f"[TOOL_CALLS][{CALL}]",
    "as newer Mistrals do": '[TOOL_CALLS]weather[ARGS]{"city": "福州"}',
    "as Llama 3 does": '<|python_tag|>{"type": "function", "name": "weather", "parameters": {"city": "福州"}}'
    "<|eom_id|>",
    "as Llama 3 does with a name": '<function=weather>{"city": "福州"}</function>',
    "as the answer has it": '{"tool_calls": [{"type": "function", "function": {"name": "weather", "arguments": '
    '"{\\"city\\": \\"福州\\"}"}}]}',
}
TEXTS = {
    "words before it": f"Here you are: {CALL}",
    "words behind it": f"{CALL} That is it.",
    "words behind a fence": f"```json\n{CALL}\n```\nThat is it.",
    "words between tags": f"<tool_call>{CALL}</tool_call> and <tool_call>{CALL}</tool_call>",
    "another name": CALL.replace("weather", "rain"),
    "an argument of another type": CALL.replace('"福州"', "7"),
    "an argument that is too short": CALL.replace("福州", "福"),
    "an argument too many": CALL.replace("}}", ', "x": 1}}'),
    "no argument": '{"name": "weather", "arguments": {}}',
    "no arguments at all": '{"name": "time"}',
    "a field too many": CALL.replace('{"name"', '{"comment": "x", "name"'),
    "arguments twice": CALL.replace('{"name"', '{"parameters": {}, "name"'),
    "arguments that are a list": '{"name": "time", "arguments": []}',
    "one good call and one bad": f"[{CALL}, {{}}]",
    "an empty list": "[]",
    "half a call": CALL[:-2],
    "half a fence": f"```json\n{CALL}",
    "code in a fence": "```python\nprint(1)\n```",
    "any other JSON": '{"answer": 42}',
    "deep nesting": "[{" * 3000,
    "just words": "It rains.",
    "a link": "[a link](https://example.org)",
    "nothing": "",
}
ASKED: dict[str, Any] = {"tools": TOOLS, "messages": [{"role": "user", "content": "The weather in Fuzhou?"}]}


@asynccontextmanager
async def answering(text: str, tmp_path: Path, finish: str = "stop") -> AsyncGenerator[tuple[Any, Upstream]]:
    """Serve a model that writes a text, in pieces of three letters if it is asked for a stream."""

    async def act(seen: Seen, send: Send) -> None:
        if not seen.json.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": finish}
            usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
            return await reply(send, 200, {"id": "c1", "model": "tiny", "choices": [choice], "usage": usage})
        await begin_stream(send)
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
        deltas += [{"content": text[at : at + 3]} for at in range(0, len(text), 3)]
        pieces: list[tuple[dict[str, Any], str | None]] = [(delta, None) for delta in deltas]
        for delta, ended in [*pieces, ({}, finish)]:
            choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": ended}
            event = {"id": "c1", "object": "chat.completion.chunk", "model": "tiny", "choices": [choice]}
            body = b"data: " + msgspec.json.encode(event) + b"\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
        return await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async with upstream(act=act) as one:
        ours = target(one.replica(named_tools=False), endpoints=("chat", "messages", "responses"))
        async with gate(tmp_path, snapshot(ours)) as gateway:
            yield gateway, one


async def said(gateway: Any, *, streams: bool, **changes: Any) -> dict[str, Any]:
    """Return text, calls and finish of an answer, however it came."""
    answer = await gateway.chat(**{**ASKED, **changes}, stream=streams)
    assert answer.status_code == 200, answer.text
    if not streams:
        choice = answer.json()["choices"][0]
        message = choice["message"]
        return {
            "text": message.get("content") or "",
            "calls": [call["function"] for call in message.get("tool_calls") or ()],
            "finish": choice["finish_reason"],
        }
    events = [
        json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n\n") if line.startswith("data: {")
    ]
    choices = [event["choices"][0] for event in events if event["choices"]]
    deltas = [choice["delta"] for choice in choices]
    return {
        "text": "".join(delta.get("content") or "" for delta in deltas),
        "calls": [call["function"] for delta in deltas for call in delta.get("tool_calls") or ()],
        "finish": next(choice["finish_reason"] for choice in choices if choice.get("finish_reason")),
    }


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("shape", WRITTEN)
async def test_a_call_in_any_shape_that_models_write_is_a_call(tmp_path: Path, shape: str, *, streams: bool) -> None:
    async with answering(WRITTEN[shape], tmp_path) as (gateway, _):
        answer = await said(gateway, streams=streams)
    assert [(call["name"], json.loads(call["arguments"])) for call in answer["calls"]] == [("weather", ARGUMENTS)]
    assert (answer["text"], answer["finish"]) == ("", "tool_calls")


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("what", TEXTS)
async def test_a_text_that_is_no_call_of_a_tool_that_was_sent_stays_a_text(
    tmp_path: Path, what: str, *, streams: bool
) -> None:
    async with answering(TEXTS[what], tmp_path) as (gateway, _):
        assert await said(gateway, streams=streams) == {"text": TEXTS[what], "calls": [], "finish": "stop"}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(
    "changes",
    [
        {"tools": None},
        {"tools": []},
        {"tool_choice": "none"},
        {"response_format": {"type": "json_object"}},
        {"tools": [{"type": "custom", "custom": {"name": "weather"}}]},
    ],
)
async def test_a_call_that_nobody_offered_is_a_text(tmp_path: Path, changes: dict[str, Any], *, streams: bool) -> None:
    async with answering(CALL, tmp_path) as (gateway, _):
        assert await said(gateway, streams=streams, **changes) == {"text": CALL, "calls": [], "finish": "stop"}


@pytest.mark.parametrize("streams", [False, True])
async def test_several_calls_are_several_unless_only_one_is_wanted(tmp_path: Path, *, streams: bool) -> None:
    both = f'<tool_call>{CALL}</tool_call>\n<tool_call>{{"name": "time", "arguments": {{}}}}</tool_call>'
    async with answering(both, tmp_path) as (gateway, _):
        answer = await said(gateway, streams=streams)
        assert [call["name"] for call in answer["calls"]] == ["weather", "time"]
        alone = await said(gateway, streams=streams, parallel_tool_calls=False)
        assert (alone["calls"], alone["text"]) == ([], both)


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "weather"}}])
async def test_a_forced_call_is_asked_for_by_schema_and_always_comes(
    tmp_path: Path, choice: object, *, streams: bool
) -> None:
    async with answering(CALL, tmp_path) as (gateway, one):
        answer = await said(gateway, streams=streams, tool_choice=choice)
        assert [(call["name"], json.loads(call["arguments"])) for call in answer["calls"]] == [("weather", ARGUMENTS)]
        sent = one.seen[0].json
        schema = sent["response_format"]["json_schema"]["schema"]
        branches = schema.get("anyOf", [schema])
        offered = [tool["function"]["name"] for tool in sent["tools"]]
        assert [branch["properties"]["name"]["const"] for branch in branches] == offered
        assert sent["tool_choice"] == "none"


@pytest.mark.parametrize("streams", [False, True])
async def test_a_forced_call_that_was_cut_short_says_so(tmp_path: Path, *, streams: bool) -> None:
    async with answering(CALL[:-4], tmp_path, finish="length") as (gateway, _):
        answer = await said(gateway, streams=streams, tool_choice="required")
    assert answer["calls"] == [{"name": "weather", "arguments": '{"city": "福'}]
    assert (answer["finish"], answer["text"]) == ("length", "")


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/v1/messages", {"max_tokens": 50, "tools": [{"name": "weather", "input_schema": CITY}]}, "tool_use"),
        ("/v1/responses", {"tools": [{"type": "function", "name": "weather", "parameters": CITY}]}, "function_call"),
    ],
)
@pytest.mark.parametrize("streams", [False, True])
async def test_a_written_call_is_a_call_in_every_dialect(
    tmp_path: Path, path: str, body: dict[str, Any], kind: str, *, streams: bool
) -> None:
    words = "input" if "responses" in path else "messages"
    async with answering(WRITTEN["fenced"], tmp_path) as (gateway, _):
        asked = {"model": "tiny", words: ASKED["messages"], "stream": streams, **body}
        answer = await gateway.http.post(path, json=asked, headers=AUTH)
    assert answer.status_code == 200, answer.text
    assert kind in answer.text
    assert "```" not in answer.text


async def test_words_of_a_stream_are_not_held_back_once_they_are_no_call(tmp_path: Path) -> None:
    async with answering("[see](x) " + "word " * 50, tmp_path) as (gateway, _):
        answer = await gateway.chat(**ASKED, stream=True)
    assert answer.text.count("data: {") > 50, "each piece in an event of its own"
