"""Requests of clients: one that asks for a feature, in each dialect that can."""

import json
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

PICTURE = "iVBORw0KGgo="
PAPER = "JVBERi0xLjcK"
SOUND = "UklGRiQAAABXQVZF"
SCHEMA: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
ARGUMENTS = {"city": "Fuzhou"}
MARK = {"type": "ephemeral"}
PARAMETERS: Json = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
QUESTION = "What is a tulou?"
INSTRUCTIONS = "Answer in one line."


def body(client: str, feature: str) -> bytes:
    return json.dumps(asked(client, feature)).encode()


def asked(client: str, feature: str) -> Json:
    changes = {"chat": CHAT, "responses": RESPONSES, "messages": MESSAGES, "completions": COMPLETIONS}[client]
    base = BASES[client]()
    if feature in changes:
        changes[feature](base)
    return base


BASES: dict[str, Callable[[], Json]] = {
    "chat": lambda: {"model": "house", "messages": [{"role": "user", "content": QUESTION}]},
    "responses": lambda: {"model": "house", "input": QUESTION},
    "messages": lambda: {"model": "house", "max_tokens": 3000, "messages": [{"role": "user", "content": QUESTION}]},
    "completions": lambda: {"model": "house", "prompt": QUESTION},
}


def put(**fields: Any) -> Callable[[Json], None]:
    return lambda request: request.update(fields)


def function(**more: Any) -> Json:
    return {"name": "get_weather", "description": "The weather of a city.", "parameters": PARAMETERS, **more}


def said(*parts: Json) -> Callable[[Json], None]:
    return put(messages=[{"role": "user", "content": [{"type": "text", "text": QUESTION}, *parts]}])


def sent(*parts: Json) -> Callable[[Json], None]:
    return put(input=[{"role": "user", "content": [{"type": "input_text", "text": QUESTION}, *parts]}])


def both(*changes: Callable[[Json], None]) -> Callable[[Json], None]:
    def change(request: Json) -> None:
        for each in changes:
            each(request)

    return change


CHAT_TOOLS = put(tools=[{"type": "function", "function": function()}])
CHAT_ASKED: list[Json] = [
    {"role": "user", "content": QUESTION},
    {
        "role": "assistant",
        "content": "I look.",
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "get_weather", "arguments": json.dumps(ARGUMENTS)},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "31 degrees"},
]
CHAT: dict[str, Callable[[Json], None]] = {
    "stream": put(stream=True, stream_options={"include_usage": True}),
    "system": put(messages=[{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": QUESTION}]),
    "images": said({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}),
    "documents": said(
        {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PAPER}"}}
    ),
    "audio": said({"type": "input_audio", "input_audio": {"data": SOUND, "format": "wav"}}),
    "tools": CHAT_TOOLS,
    "parallel_tools": CHAT_TOOLS,
    "one_tool": both(CHAT_TOOLS, put(parallel_tool_calls=False)),
    "forced_tool": both(CHAT_TOOLS, put(tool_choice={"type": "function", "function": {"name": "get_weather"}})),
    "tool_result": both(CHAT_TOOLS, put(messages=CHAT_ASKED)),
    "structured": put(
        response_format={"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}
    ),
    "json_mode": put(response_format={"type": "json_object"}),
    "reasoning": put(reasoning_effort="low"),
    "cache_marks": put(
        messages=[{"role": "user", "content": [{"type": "text", "text": QUESTION, "cache_control": MARK}]}]
    ),
    "stop": put(stop=["END"]),
    "seed": put(seed=7),
    "n": put(n=2),
    "logprobs": put(logprobs=True, top_logprobs=2),
    "penalties": put(presence_penalty=0.5, frequency_penalty=0.25),
    "top_k": put(top_k=40),
    "user": put(user="u-7"),
    "metadata": put(metadata={"team": "a"}),
}

RESPONSES_TOOLS = put(tools=[{"type": "function", **function(strict=False)}])
RESPONSES: dict[str, Callable[[Json], None]] = {
    "stream": put(stream=True),
    "system": put(instructions=INSTRUCTIONS),
    "images": sent({"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}", "detail": "auto"}),
    "documents": sent({"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PAPER}"}),
    "audio": sent({"type": "input_audio", "input_audio": {"data": SOUND, "format": "wav"}}),
    "tools": RESPONSES_TOOLS,
    "parallel_tools": RESPONSES_TOOLS,
    "one_tool": both(RESPONSES_TOOLS, put(parallel_tool_calls=False)),
    "forced_tool": both(RESPONSES_TOOLS, put(tool_choice={"type": "function", "name": "get_weather"})),
    "tool_result": both(
        RESPONSES_TOOLS,
        put(
            input=[
                {"role": "user", "content": QUESTION},
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
                },
                {
                    "type": "function_call",
                    "call_id": "call_1",
                    "name": "get_weather",
                    "arguments": json.dumps(ARGUMENTS),
                },
                {"type": "function_call_output", "call_id": "call_1", "output": "31 degrees"},
            ]
        ),
    ),
    "structured": put(text={"format": {"type": "json_schema", "name": "place", "schema": SCHEMA, "strict": True}}),
    "json_mode": put(text={"format": {"type": "json_object"}}),
    "reasoning": put(reasoning={"effort": "low", "summary": "auto"}),
    "logprobs": put(include=["message.output_text.logprobs"], top_logprobs=2),
    "user": put(user="u-7"),
    "metadata": put(metadata={"team": "a"}),
}

MESSAGES_TOOLS = put(
    tools=[{"name": "get_weather", "description": "The weather of a city.", "input_schema": PARAMETERS}]
)
MESSAGES: dict[str, Callable[[Json], None]] = {
    "stream": put(stream=True),
    "system": put(system=INSTRUCTIONS),
    "images": said({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}),
    "documents": said(
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PAPER}}
    ),
    "tools": MESSAGES_TOOLS,
    "parallel_tools": MESSAGES_TOOLS,
    "one_tool": both(MESSAGES_TOOLS, put(tool_choice={"type": "auto", "disable_parallel_tool_use": True})),
    "forced_tool": both(MESSAGES_TOOLS, put(tool_choice={"type": "tool", "name": "get_weather"})),
    "tool_result": both(
        MESSAGES_TOOLS,
        put(
            messages=[
                {"role": "user", "content": QUESTION},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "text", "text": "I look."},
                        {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": ARGUMENTS},
                    ],
                },
                {
                    "role": "user",
                    "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "31 degrees"}],
                },
            ]
        ),
    ),
    "structured": put(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}),
    "reasoning": put(thinking={"type": "enabled", "budget_tokens": 1500}),
    "cache_marks": put(
        messages=[{"role": "user", "content": [{"type": "text", "text": QUESTION, "cache_control": MARK}]}]
    ),
    "stop": put(stop_sequences=["END"]),
    "top_k": put(top_k=40),
    "user": put(metadata={"user_id": "u-7"}),
}

COMPLETIONS: dict[str, Callable[[Json], None]] = {
    "stream": put(stream=True, stream_options={"include_usage": True}),
    "stop": put(stop="END"),
    "seed": put(seed=7),
    "n": put(n=2),
    "logprobs": put(logprobs=2),
    "penalties": put(presence_penalty=0.5, frequency_penalty=0.25),
    "top_k": put(top_k=40),
    "user": put(user="u-7"),
}
