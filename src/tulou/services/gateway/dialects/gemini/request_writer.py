"""Writes a request for content."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.services.gateway.dialects.citations import UNKNOWN
from tulou.services.gateway.dialects.demands import check, known, settle
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.gemini.content_writer import write_contents, write_system
from tulou.services.gateway.dialects.gemini.thinking import thinking
from tulou.services.gateway.dialects.gemini.words import FAMILY
from tulou.services.gateway.dialects.prompt import Prompt, Tool, ToolChoice
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]

REFUSED: Mapping[str, str] = MappingProxyType({})
DROPPED: Mapping[str, str] = MappingProxyType(
    {
        "parallel_tool_calls": "the upstream decides how many tools it calls at once",
        "verbosity": "the upstream has no word for it",
        "messages.name": "turns have no names there",
        "messages.citations": UNKNOWN,
        "messages.image_url.detail": "the upstream looks at all of a picture",
        "metadata": "the upstream keeps none",
        "user": "the upstream is not told who asks",
    }
)


def write_request(prompt: Prompt, ability: Ability) -> Written:
    """Return the request; raise `InvalidError` for what the upstream cannot do and may not be dropped."""
    report = Report(prompt, ability, family=FAMILY)
    check(report)
    settle(report, refused=REFUSED, dropped=DROPPED)
    body: Json = {}
    if system := write_system(report):
        body["systemInstruction"] = {"parts": system}
    body["contents"] = write_contents(report)
    body |= _tools(report)
    if config := _config(report):
        body["generationConfig"] = config
    return Written(body=msgspec.json.encode(body | report.extra()), dropped=report.dropped)


def _config(report: Report) -> Json:
    prompt = report.prompt
    asked: Json = {
        "maxOutputTokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "topP": prompt.top_p,
        "topK": prompt.top_k,
        "stopSequences": prompt.stop or None,
        "presencePenalty": prompt.presence_penalty,
        "frequencyPenalty": prompt.frequency_penalty,
        "candidateCount": prompt.n if prompt.n > 1 else None,
        "thinkingConfig": thinking(report),
    }
    if prompt.seed is not None and known(report, "seed", "seed"):
        asked["seed"] = prompt.seed
    if prompt.logprobs is not None:
        asked |= {"responseLogprobs": True, "logprobs": prompt.logprobs or None}
    if prompt.shape is not None:
        asked |= {"responseMimeType": "application/json", "responseJsonSchema": prompt.shape.schema}
    return {name: value for name, value in asked.items() if value is not None}


def _tools(report: Report) -> Json:
    prompt, body = report.prompt, Json()
    if not prompt.tools:
        if prompt.tool_choice is not None:
            report.drop("tool_choice", "there are no tools to choose from")
        return body
    body["tools"] = [{"functionDeclarations": [_tool(report, tool) for tool in prompt.tools]}]
    if prompt.tool_choice is not None:
        body["toolConfig"] = {"functionCallingConfig": _choice(prompt.tool_choice)}
    return body


def _tool(report: Report, tool: Tool) -> Json:
    declared: Json = {"name": tool.name, "description": tool.description}
    if tool.parameters is not None:
        declared["parametersJsonSchema"] = tool.parameters
    if tool.strict:
        report.drop("tools.strict", "the upstream has no strict tools")
    if tool.cached is not None:
        report.mark(tool.cached, "tools")
    return declared | report.rest("tools", tool.rest)


def _choice(choice: ToolChoice) -> Json:
    if choice.mode == "none":
        return {"mode": "NONE"}
    if not choice.names:
        return {"mode": "ANY" if choice.mode == "required" else "AUTO"}
    # Names are understood in the modes that keep to the schema; VALIDATED is such an AUTO.
    mode = "ANY" if choice.mode == "required" else "VALIDATED"
    return {"mode": mode, "allowedFunctionNames": choice.names}
