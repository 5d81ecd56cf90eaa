"""Writes a request to converse."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.services.gateway.dialects.bedrock.block_writer import point, write_messages, write_system
from tulou.services.gateway.dialects.bedrock.thinking import think
from tulou.services.gateway.dialects.bedrock.words import FAMILY
from tulou.services.gateway.dialects.claude import is_claude
from tulou.services.gateway.dialects.demands import check, parts_of, settle
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.prompt import AnswerShape, Prompt, Tool, ToolCall, ToolChoice, ToolResult
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "n": "gives one answer a request; ask several times",
        "logprobs": "gives no log probabilities",
        "response_format.json_object": "knows no free JSON; give a json_schema",
    }
)
DROPPED: Mapping[str, str] = MappingProxyType(
    {
        "seed": "the upstream takes no seed",
        "presence_penalty": "the upstream knows no penalties",
        "frequency_penalty": "the upstream knows no penalties",
        "parallel_tool_calls": "the upstream decides how many tools it calls at once",
        "verbosity": "the upstream has no word for it",
        "messages.name": "turns have no names there",
        "messages.image_url.detail": "the upstream looks at all of a picture",
        "user": "the upstream is not told who asks",
    }
)
EMPTY_SCHEMA = msgspec.Raw(b'{"type":"object","properties":{}}')


def write_request(prompt: Prompt, ability: Ability) -> Written:
    """Return the request; raise `InvalidError` for what the upstream cannot do and may not be dropped."""
    report = Report(prompt, ability, family=FAMILY)
    check(report)
    settle(report, refused=REFUSED, dropped=DROPPED)
    body: Json = {}
    if system := write_system(report):
        body["system"] = system
    body["messages"] = write_messages(report)
    if tools := _tools(report):
        body["toolConfig"] = tools
    inference, more = _inference(prompt), _more(report)
    think(report, inference, more)
    if more:
        body["additionalModelRequestFields"] = more
    if inference:
        body["inferenceConfig"] = inference
    if prompt.shape is not None:
        body["outputConfig"] = {"textFormat": _format(prompt.shape)}
    if metadata := _metadata(report):
        body["requestMetadata"] = metadata
    return Written(body=msgspec.json.encode(body | report.extra()), dropped=report.dropped)


def _inference(prompt: Prompt) -> Json:
    asked: Json = {
        "maxTokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "topP": prompt.top_p,
        "stopSequences": prompt.stop or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _more(report: Report) -> Json:
    """Return what only some models know: Anthropic's take `top_k`."""
    top_k = report.prompt.top_k
    if top_k is None:
        return {}
    if is_claude(report.ability.model):
        return {"top_k": top_k}
    report.drop("top_k", "the upstream takes it for Anthropic's models alone")
    return {}


def _tools(report: Report) -> Json:
    prompt = report.prompt
    choice = prompt.tool_choice
    if (
        choice is not None
        and choice.mode == "none"
        and any(isinstance(p, ToolCall | ToolResult) for p in parts_of(prompt))
    ):
        # Without tools a conversation that has used some is refused.
        report.drop("tool_choice", "the upstream cannot be told to use none where some were used before")
        choice = ToolChoice(mode="auto")
    offered = _offered(prompt.tools, choice)
    if not offered:
        if choice is not None and choice.mode != "none":
            report.drop("tool_choice", "there are no tools to choose from")
        return {}
    tools: list[object] = []
    for tool in offered:
        tools.append(_tool(report, tool))
        if tool.cached is not None:
            tools.append(point(tool.cached))
    config: Json = {"tools": tools}
    if choice is not None and choice.mode == "required":
        config["toolChoice"] = {"tool": {"name": choice.names[0]}} if len(choice.names) == 1 else {"any": {}}
    elif choice is not None:
        config["toolChoice"] = {"auto": {}}
    return config


def _offered(tools: tuple[Tool, ...], choice: ToolChoice | None) -> tuple[Tool, ...]:
    """Return the tools that may be called; there is no choice of none, so none are offered then."""
    if choice is None or (choice.mode != "none" and not choice.names):
        return tools
    if choice.mode == "none":
        return ()
    return tuple(tool for tool in tools if tool.name in choice.names)


def _tool(report: Report, tool: Tool) -> Json:
    schema = EMPTY_SCHEMA if tool.parameters is None else tool.parameters
    spec: Json = {"name": tool.name, "inputSchema": {"json": schema}}
    if tool.description:
        spec["description"] = tool.description
    if tool.strict is not None:
        spec["strict"] = tool.strict
    return {"toolSpec": spec | report.rest("tools", tool.rest)}


def _format(shape: AnswerShape) -> Json:
    """Return the shape that the answer must have; the schema is a text here."""
    schema = bytes(EMPTY_SCHEMA if shape.schema is None else shape.schema).decode()
    written: Json = {"schema": schema, "name": shape.name or "answer"}
    if shape.description:
        written["description"] = shape.description
    return {"type": "json_schema", "structure": {"jsonSchema": written}}


def _metadata(report: Report) -> Json:
    """Return what the request is marked with: texts, which are all that the upstream takes."""
    metadata: Json = {}
    for name, raw in report.prompt.metadata.items():
        try:
            metadata[name] = msgspec.json.decode(raw, type=str)
        except msgspec.ValidationError:
            report.drop(f"metadata.{name}", "the upstream takes texts alone")
    return metadata
