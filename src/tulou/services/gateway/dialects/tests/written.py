"""What a request must say in each upstream's dialect, if it asks for a feature: looked up in the JSON, by hand."""

import json
from collections.abc import Callable
from typing import Any

from tulou.services.gateway.dialects.tests.asked import (
    ARGUMENTS,
    INSTRUCTIONS,
    MARK,
    PAPER,
    PARAMETERS,
    PICTURE,
    QUESTION,
    SCHEMA,
    SOUND,
)

Json = dict[str, Any]
Check = Callable[[Json], object]
CALL = json.dumps(ARGUMENTS)
DATA = "data:image/png;base64," + PICTURE


def last(body: Json, name: str = "messages", inner: str = "content") -> Any:
    return body[name][-1][inner]


OPENAI: dict[str, Check] = {
    "text": lambda b: last(b) == QUESTION,
    "stream": lambda b: b["stream"] is True and b["stream_options"]["include_usage"] is True,
    "system": lambda b: b["messages"][0] == {"role": "system", "content": INSTRUCTIONS},
    "images": lambda b: last(b)[1]["image_url"]["url"] == DATA,
    "documents": lambda b: last(b)[1]["file"]["file_data"] == "data:application/pdf;base64," + PAPER,
    "audio": lambda b: last(b)[1]["input_audio"] == {"data": SOUND, "format": "wav"},
    "tools": lambda b: b["tools"][0]["function"]["parameters"] == PARAMETERS,
    "one_tool": lambda b: b["parallel_tool_calls"] is False,
    "forced_tool": lambda b: b["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}},
    "tool_result": lambda b: (
        b["messages"][1]["tool_calls"][0]["id"] == "call_1"
        and json.loads(b["messages"][1]["tool_calls"][0]["function"]["arguments"]) == ARGUMENTS
        and b["messages"][2] == {"role": "tool", "tool_call_id": "call_1", "content": "31 degrees"}
    ),
    "structured": lambda b: b["response_format"]["json_schema"]["schema"] == SCHEMA,
    "json_mode": lambda b: b["response_format"] == {"type": "json_object"},
    "reasoning": lambda b: b["reasoning_effort"] == "low",
    "cache_marks": lambda b: last(b)[0]["cache_control"] == MARK,
    "stop": lambda b: b["stop"] == ["END"],
    "seed": lambda b: b["seed"] == 7,
    "n": lambda b: b["n"] == 2,
    "logprobs": lambda b: b["logprobs"] is True and b["top_logprobs"] == 2,
    "penalties": lambda b: b["presence_penalty"] == 0.5 and b["frequency_penalty"] == 0.25,
    "top_k": lambda b: b["top_k"] == 40,
    "user": lambda b: b["user"] == "u-7",
    "metadata": lambda b: b["metadata"] == {"team": "a"},
}
RESPONSES: dict[str, Check] = {
    "text": lambda b: last(b, "input") == QUESTION,
    "stream": lambda b: b["stream"] is True,
    "system": lambda b: b["instructions"] == INSTRUCTIONS,
    "images": lambda b: last(b, "input")[1]["image_url"] == DATA,
    "documents": lambda b: last(b, "input")[1]["file_data"] == "data:application/pdf;base64," + PAPER,
    "tools": lambda b: b["tools"][0]["parameters"] == PARAMETERS and b["tools"][0]["strict"] is False,
    "one_tool": lambda b: b["parallel_tool_calls"] is False,
    "forced_tool": lambda b: b["tool_choice"] == {"type": "function", "name": "get_weather"},
    "tool_result": lambda b: (
        b["input"][2]["call_id"] == "call_1"
        and json.loads(b["input"][2]["arguments"]) == ARGUMENTS
        and b["input"][3] == {"type": "function_call_output", "call_id": "call_1", "output": "31 degrees"}
    ),
    "structured": lambda b: b["text"]["format"]["schema"] == SCHEMA,
    "json_mode": lambda b: b["text"]["format"] == {"type": "json_object"},
    "reasoning": lambda b: b["reasoning"] == {"effort": "low", "summary": "auto"},
    "logprobs": lambda b: b["top_logprobs"] == 2 and "message.output_text.logprobs" in b["include"],
    "user": lambda b: b["user"] == "u-7",
    "metadata": lambda b: b["metadata"] == {"team": "a"},
}
ANTHROPIC: dict[str, Check] = {
    "text": lambda b: last(b) == QUESTION and b["max_tokens"] > 0,
    "stream": lambda b: b["stream"] is True,
    "system": lambda b: b["system"] == INSTRUCTIONS and len(b["messages"]) == 1,
    "images": lambda b: last(b)[1]["source"] == {"type": "base64", "media_type": "image/png", "data": PICTURE},
    "documents": lambda b: last(b)[1]["source"]["data"] == PAPER,
    "tools": lambda b: b["tools"][0]["input_schema"] == PARAMETERS,
    "one_tool": lambda b: b["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True},
    "forced_tool": lambda b: b["tool_choice"] == {"type": "tool", "name": "get_weather"},
    "tool_result": lambda b: (
        b["messages"][1]["content"][1]
        == {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": ARGUMENTS}
        and last(b) == [{"type": "tool_result", "tool_use_id": "call_1", "content": "31 degrees"}]
    ),
    "structured": lambda b: b["output_config"]["format"] == {"type": "json_schema", "schema": SCHEMA},
    "reasoning": lambda b: (
        b["thinking"]["type"] == "enabled" and 1024 <= b["thinking"]["budget_tokens"] < b["max_tokens"]
    ),
    "cache_marks": lambda b: last(b)[0]["cache_control"] == MARK,
    "stop": lambda b: b["stop_sequences"] == ["END"],
    "top_k": lambda b: b["top_k"] == 40,
    "user": lambda b: b["metadata"] == {"user_id": "u-7"},
}
GEMINI: dict[str, Check] = {
    "text": lambda b: last(b, "contents", "parts") == [{"text": QUESTION}],
    "stream": lambda b: last(b, "contents", "parts") == [{"text": QUESTION}],
    "system": lambda b: b["systemInstruction"]["parts"] == [{"text": INSTRUCTIONS}] and len(b["contents"]) == 1,
    "images": lambda b: last(b, "contents", "parts")[1]["inlineData"] == {"mimeType": "image/png", "data": PICTURE},
    "documents": lambda b: last(b, "contents", "parts")[1]["inlineData"]["data"] == PAPER,
    "audio": lambda b: last(b, "contents", "parts")[1]["inlineData"] == {"mimeType": "audio/wav", "data": SOUND},
    "tools": lambda b: b["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == PARAMETERS,
    "forced_tool": lambda b: (
        b["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["get_weather"]}
    ),
    "tool_result": lambda b: (
        b["contents"][1]["parts"][1]["functionCall"]["args"] == ARGUMENTS
        and last(b, "contents", "parts")[0]["functionResponse"]["name"] == "get_weather"
        and last(b, "contents", "parts")[0]["functionResponse"]["response"] == {"result": "31 degrees"}
    ),
    "structured": lambda b: b["generationConfig"]["responseJsonSchema"] == SCHEMA,
    "json_mode": lambda b: b["generationConfig"]["responseMimeType"] == "application/json",
    "reasoning": lambda b: 0 < b["generationConfig"]["thinkingConfig"]["thinkingBudget"] <= 1500,
    "stop": lambda b: b["generationConfig"]["stopSequences"] == ["END"],
    "seed": lambda b: b["generationConfig"]["seed"] == 7,
    "n": lambda b: b["generationConfig"]["candidateCount"] == 2,
    "logprobs": lambda b: b["generationConfig"]["responseLogprobs"] and b["generationConfig"]["logprobs"] == 2,
    "penalties": lambda b: b["generationConfig"]["presencePenalty"] == 0.5,
    "top_k": lambda b: b["generationConfig"]["topK"] == 40,
}
BEDROCK: dict[str, Check] = {
    "text": lambda b: last(b) == [{"text": QUESTION}],
    "stream": lambda b: last(b) == [{"text": QUESTION}],
    "system": lambda b: b["system"] == [{"text": INSTRUCTIONS}] and len(b["messages"]) == 1,
    "images": lambda b: last(b)[1]["image"] == {"format": "png", "source": {"bytes": PICTURE}},
    "documents": lambda b: last(b)[1]["document"]["source"] == {"bytes": PAPER},
    "audio": lambda b: last(b)[1]["audio"] == {"format": "wav", "source": {"bytes": SOUND}},
    "tools": lambda b: b["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"] == {"json": PARAMETERS},
    "forced_tool": lambda b: b["toolConfig"]["toolChoice"] == {"tool": {"name": "get_weather"}},
    "tool_result": lambda b: (
        b["messages"][1]["content"][1]["toolUse"] == {"toolUseId": "call_1", "name": "get_weather", "input": ARGUMENTS}
        and last(b) == [{"toolResult": {"toolUseId": "call_1", "content": [{"text": "31 degrees"}]}}]
    ),
    "structured": lambda b: json.loads(b["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]) == SCHEMA,
    "reasoning": lambda b: b["additionalModelRequestFields"]["thinking"]["budget_tokens"] >= 1024,
    "cache_marks": lambda b: last(b) == [{"text": QUESTION}, {"cachePoint": {"type": "default"}}],
    "stop": lambda b: b["inferenceConfig"]["stopSequences"] == ["END"],
    "top_k": lambda b: b["additionalModelRequestFields"]["top_k"] == 40,
    "metadata": lambda b: b["requestMetadata"] == {"team": "a"},
}
CHECKS: dict[str, dict[str, Check]] = {
    "openai": OPENAI,
    "responses": RESPONSES,
    "anthropic": ANTHROPIC,
    "gemini": GEMINI,
    "bedrock": BEDROCK,
}


def says(upstream: str, feature: str, body: Json) -> bool:
    """Say whether a request asks for a feature; answers' features ask for nothing that is not text or tools."""
    checks = CHECKS[upstream]
    return bool(checks.get(feature, checks["tools" if feature == "parallel_tools" else "text"])(body))
