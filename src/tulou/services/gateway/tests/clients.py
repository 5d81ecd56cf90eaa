"""The clients that people really use, asking the gate: each question whole and as a stream, with and without tools."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

import anthropic
import msgspec
import openai

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.tests.gate import SECRET
from tulou.testing.http import http_client

WORDS = "What is a tulou?"
WEATHER: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}


class Said(NamedTuple):
    """An answer as its client understood it."""

    text: str
    calls: tuple[tuple[str, str, dict[str, Any]], ...]
    input: int
    output: int


Ask = Callable[[str, bool, bool], Awaitable[Said]]


@asynccontextmanager
async def openai_client(url: str) -> AsyncGenerator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{url}/v1", api_key=SECRET, max_retries=0, http_client=http_client()
    ) as client:
        yield client


@asynccontextmanager
async def anthropic_client(url: str) -> AsyncGenerator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        base_url=f"{url}/anthropic", api_key=SECRET, max_retries=0, http_client=http_client()
    ) as one:
        yield one


async def ask_chat(url: str, *, stream: bool = False, tools: bool = False, **more: Any) -> Said:
    asked: dict[str, Any] = {"model": "tiny", "messages": [{"role": "user", "content": WORDS}], **more}
    if tools:
        function = {"name": "get_weather", "description": "d", "parameters": WEATHER}
        asked["tools"] = [{"type": "function", "function": function}]
    async with openai_client(url) as client:
        if not stream:
            return _chat_said(await client.chat.completions.create(**asked))
        asked["stream_options"] = {"include_usage": True}
        async with client.chat.completions.stream(**asked) as events:
            async for _ in events:
                pass
            return _chat_said(await events.get_final_completion())


def _chat_said(whole: Any) -> Said:
    message = whole.choices[0].message
    calls = tuple(
        (call.id, call.function.name, msgspec.json.decode(call.function.arguments)) for call in message.tool_calls or ()
    )
    assert whole.choices[0].finish_reason == ("tool_calls" if calls else "stop")
    return Said(message.content or "", calls, whole.usage.prompt_tokens, whole.usage.completion_tokens)


async def ask_messages(url: str, *, stream: bool = False, tools: bool = False, **more: Any) -> Said:
    asked: dict[str, Any] = {
        "model": "tiny",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": WORDS}],
        **more,
    }
    if tools:
        asked["tools"] = [{"name": "get_weather", "description": "d", "input_schema": WEATHER}]
    async with anthropic_client(url) as client:
        if not stream:
            return _message_said(await client.messages.create(**asked))
        async with client.messages.stream(**asked) as events:
            async for _ in events:
                pass
            return _message_said(await events.get_final_message())


def _message_said(whole: Any) -> Said:
    text = "".join(block.text for block in whole.content if block.type == "text")
    calls = tuple((block.id, block.name, block.input) for block in whole.content if block.type == "tool_use")
    assert whole.stop_reason == ("tool_use" if calls else "end_turn")
    usage = whole.usage
    read = usage.input_tokens + (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    return Said(text, calls, read, usage.output_tokens)


async def ask_responses(url: str, *, stream: bool = False, tools: bool = False, **more: Any) -> Said:
    asked: dict[str, Any] = {"model": "tiny", "input": WORDS, **more}
    if tools:
        asked["tools"] = [{"type": "function", "name": "get_weather", "parameters": WEATHER, "strict": False}]
    async with openai_client(url) as client:
        if not stream:
            return _response_said(await client.responses.create(**asked))
        async with client.responses.stream(**asked) as events:
            async for _ in events:
                pass
            return _response_said(await events.get_final_response())


def _response_said(whole: Any) -> Said:
    assert whole.status == "completed"
    calls = tuple(
        (item.call_id, item.name, msgspec.json.decode(item.arguments))
        for item in whole.output
        if item.type == "function_call"
    )
    return Said(whole.output_text, calls, whole.usage.input_tokens, whole.usage.output_tokens)


ASKS: Mapping[Endpoint, Callable[..., Awaitable[Said]]] = MappingProxyType(
    {"chat": ask_chat, "messages": ask_messages, "responses": ask_responses}
)
"""By the endpoint that the client asks."""

STATUS_ERRORS: tuple[type[Exception], ...] = (openai.APIStatusError, anthropic.APIStatusError)
STREAM_ERRORS: tuple[type[Exception], ...] = (openai.APIError, anthropic.APIError)
