"""A request that is read and written again in its own dialect has lost nothing."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability
from tulou.services.gateway.dialects.prompt import Prompt
from tulou.services.gateway.dialects.tests import asked

Json = dict[str, Any]

CHAT_TURNS: list[Json] = [
    {"role": "system", "content": "Be brief.", "name": "house"},
    {"role": "developer", "content": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}]},
    {"role": "user", "content": "Hi", "name": "mei", "x_seen": True},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "See", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "low", "x_new": 1}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0K"}},
            {"type": "input_audio", "input_audio": {"data": "UklG", "format": "mp3"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "file", "file": {"filename": "a.txt", "file_data": "data:text/plain;base64,YQ=="}},
            {"type": "video_url", "video_url": {"url": "https://a.example/c.mp4"}},
        ],
    },
    {
        "role": "assistant",
        "content": "I look.",
        "reasoning_content": "Hm.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}', "x_new": 1}},
            {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "x"}},
        ],
    },
    {
        "role": "assistant",
        "content": None,
        "refusal": "No.",
        "reasoning_content": "Hm.",
        "reasoning_details": [
            {"type": "reasoning.text", "text": "Hm.", "signature": "anthropic:c2ln", "index": 0},
            {"type": "reasoning.encrypted", "data": "gemini:ZGF0YQ==", "id": "r1"},
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "31", "x_took_ms": 12},
    {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "3"}, {"type": "text", "text": "1"}]},
    {"role": "function", "name": "f", "content": "31"},
    {"role": "assistant", "content": None, "audio": {"id": "audio_1"}},
]
CHAT_EXTRA: Json = {
    "logit_bias": {"50256": -100},
    "verbosity": "low",
    "service_tier": "flex",
    "chat_template_kwargs": {"enable_thinking": False},
    "modalities": ["text"],
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "get_weather"}}]},
    },
}
MESSAGES_TURNS: list[Json] = [
    {"role": "user", "content": "Hi"},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "See", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {
                "type": "image",
                "source": {"type": "url", "url": "https://a.example/b.png", "x_new": 1},
                "transformations": {"x": 1},
            },
            {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "words — 字"},
                "title": "T",
                "context": "C",
                "citations": {"enabled": True},
            },
            {"type": "document", "source": {"type": "content", "content": "words"}},
            {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "x"}]},
        ],
    },
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "ZGF0YQ=="},
            {"type": "text", "text": "I look.", "citations": [{"type": "char_location", "cited_text": "x"}]},
            {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}, "caller": {"type": "direct"}},
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "q"}},
        ],
    },
    {
        "role": "user",
        "content": [
            {
                "type": "tool_result",
                "tool_use_id": "c1",
                "is_error": True,
                "cache_control": {"type": "ephemeral"},
                "content": [
                    {"type": "text", "text": "no"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0K"}},
                ],
            },
            {"type": "text", "text": "Why?"},
        ],
    },
    {"role": "system", "content": "From now on in French."},
]
MESSAGES_EXTRA: Json = {
    "service_tier": "auto",
    "container": "c_1",
    "metadata": {"user_id": "u", "team": "a"},
    "cache_control": {"type": "ephemeral"},
    "thinking": {"type": "adaptive", "display": "summarized"},
    "output_config": {"effort": "high", "task_budget": {"tokens": 5}},
    "temperature": 0.5,
    "top_p": 0.9,
}
RESPONSES_TURNS: list[Json] = [
    {"role": "user", "content": "Hi"},
    {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "See"},
            {"type": "input_image", "image_url": "https://a.example/b.png", "detail": "auto"},
            {"type": "input_image", "file_id": "file-1", "detail": "low"},
            {"type": "input_file", "file_id": "file-2"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0x"},
            {"type": "input_file", "file_url": "https://a.example/d.pdf"},
        ],
    },
    {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}],
        "encrypted_content": "gAAA",
        "status": "completed",
    },
    {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
    },
    {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c1",
        "name": "f",
        "arguments": '{"a":1}',
        "status": "completed",
    },
    {"type": "function_call_output", "call_id": "c1", "output": "31"},
    {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "31"}], "id": "fco_1"},
    {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
    {"type": "item_reference", "id": "msg_2"},
    {"role": "developer", "content": "Be kind."},
]
RESPONSES_EXTRA: Json = {
    "truncation": "auto",
    "max_tool_calls": 3,
    "prompt_cache_key": "k",
    "service_tier": "flex",
    "include": ["reasoning.encrypted_content", "web_search_call.results"],
    "text": {"verbosity": "high", "x_new": 1},
    "reasoning": {"effort": "high", "summary": "detailed", "mode": "pro"},
    "conversation": "conv_1",
    "tool_choice": {"type": "web_search_preview"},
}
POOLS = {
    "chat": ("openai", "messages", CHAT_TURNS, CHAT_EXTRA, asked.CHAT),
    "messages": ("anthropic", "messages", MESSAGES_TURNS, MESSAGES_EXTRA, asked.MESSAGES),
    "responses": ("responses", "input", RESPONSES_TURNS, RESPONSES_EXTRA, asked.RESPONSES),
}


def read(client: str, body: bytes) -> Prompt:
    return {**CLIENTS}[client].read_request(body)  # pyright: ignore[reportArgumentType] - a name of the table


def written(upstream: str, prompt: Prompt) -> bytes:
    told = {**UPSTREAMS}[upstream].write_request(prompt, Ability(model=prompt.model))  # pyright: ignore[reportArgumentType] - a name of the table
    assert told.dropped == ()
    return told.body


def added(prompt: Prompt) -> Prompt:
    """Leave out what the gate asks for of itself: counts in streams, and reasoning that it may carry on."""
    extra = {name: raw for name, raw in prompt.extra.items() if name not in {"store", "include"}}
    settled = prompt.settled - {"store", "include"}
    return msgspec.structs.replace(prompt, extra=extra, settled=settled, usage_in_stream=True)


@pytest.mark.parametrize("client", POOLS)
@settings(max_examples=40)
@given(data=st.data())
def test_nothing_is_lost_on_the_way_through_the_model(client: str, data: st.DataObject) -> None:
    upstream, where, turns, extra, features = POOLS[client]
    request = asked.BASES[client]()
    alone = features.keys() - {"tool_result", "images", "documents", "audio", "cache_marks", "system"}
    for feature in data.draw(st.lists(st.sampled_from(sorted(alone)), unique=True)):
        features[feature](request)
    for name in data.draw(st.lists(st.sampled_from(sorted(extra)), unique=True)):
        request[name] = extra[name]
    if "tool_choice" in request and "tools" not in request:
        features["tools"](request)
    request[where] = data.draw(st.lists(st.sampled_from(turns), min_size=1, max_size=8))

    first = read(client, json.dumps(request, separators=(",", ":")).encode())
    second = read(client, written(upstream, first))

    assert added(second) == added(first)
