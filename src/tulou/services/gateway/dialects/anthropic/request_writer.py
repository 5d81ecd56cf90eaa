"""Writes a request for a message."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.services.gateway.dialects.anthropic.block_writer import write_messages, write_system
from tulou.services.gateway.dialects.anthropic.thinking import think
from tulou.services.gateway.dialects.anthropic.words import FAMILY
from tulou.services.gateway.dialects.claude import most_written
from tulou.services.gateway.dialects.demands import check, settle
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.prompt import AnswerShape, Prompt, Tool, ToolChoice
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "n": "gives one answer a request; ask several times",
        "logprobs": "gives no log probabilities",
        "response_format.json_object": "knows no free JSON; give a json_schema",
        "messages.audio": "takes no audio",
    }
)
DROPPED: Mapping[str, str] = MappingProxyType(
    {
        "seed": "the upstream takes no seed",
        "presence_penalty": "the upstream knows no penalties",
        "frequency_penalty": "the upstream knows no penalties",
        "verbosity": "the upstream has no word for it",
        "messages.name": "turns have no names there",
        "messages.image_url.detail": "the upstream looks at all of a picture",
    }
)
MOST_HEAT = 1.0
EMPTY_SCHEMA = msgspec.Raw(b'{"type":"object","properties":{}}')


def write_request(prompt: Prompt, ability: Ability) -> Written:
    """Return the request; raise `InvalidError` for what the upstream cannot do and may not be dropped."""
    report = Report(prompt, ability, family=FAMILY)
    body = _conversation(report)
    cap = prompt.max_tokens
    body["max_tokens"] = cap if cap is not None else most_written(ability.model, otherwise=ability.max_tokens)
    body |= _odds(report)
    if prompt.stop:
        body["stop_sequences"] = prompt.stop
    if prompt.stream:
        body["stream"] = True
    metadata = _metadata(report)
    if metadata:
        body["metadata"] = metadata
    return Written(body=_finished(report, body), dropped=report.dropped)


def write_count(prompt: Prompt, ability: Ability) -> Written:
    """Return the request for the count of a prompt's tokens."""
    report = Report(msgspec.structs.replace(prompt, stream=False), ability, family=FAMILY)
    return Written(body=_finished(report, _conversation(report), without="max_tokens"), dropped=report.dropped)


def _conversation(report: Report) -> Json:
    check(report)
    settle(report, refused=REFUSED, dropped=DROPPED)
    body: Json = {"model": report.ability.model}
    if system := write_system(report):
        body["system"] = system
    body["messages"] = write_messages(report)
    return body | _tools(report)


def _finished(report: Report, body: Json, *, without: str = "") -> bytes:
    config: Json = {}
    if report.prompt.shape is not None:
        config["format"] = _format(report, report.prompt.shape)
    if effort := think(report, body):
        config["effort"] = effort
    extra = report.extra()
    if more := extra.pop("output_config", None):
        config |= msgspec.json.decode(more, type=dict[str, msgspec.Raw])
    if config:
        body["output_config"] = config
    body.pop(without, None)
    return msgspec.json.encode(body | extra)


def _odds(report: Report) -> Json:
    prompt, odds = report.prompt, Json()
    heat = prompt.temperature
    if heat is not None and heat > MOST_HEAT and not report.native:
        report.drop("temperature", f"the upstream takes at most {MOST_HEAT}, which was sent")
        heat = MOST_HEAT
    if heat is not None:
        odds["temperature"] = heat
    if prompt.top_p is not None and heat is not None and not report.native:
        report.drop("top_p", "the upstream takes temperature or top_p, not both")
    elif prompt.top_p is not None:
        odds["top_p"] = prompt.top_p
    if prompt.top_k is not None:
        odds["top_k"] = prompt.top_k
    return odds


def _metadata(report: Report) -> Json:
    prompt = report.prompt
    metadata: Json = {"user_id": prompt.user} if prompt.user else {}
    if prompt.metadata and not report.native:
        report.drop("metadata", "the upstream keeps none but the user's id")
        return metadata
    return metadata | dict(prompt.metadata)


def _tools(report: Report) -> Json:
    prompt, body = report.prompt, Json()
    tools: list[object] = [_tool(report, tool) for tool in _offered(prompt)]
    tools.extend(prompt.hosted)
    if not tools:
        if prompt.tool_choice is not None and prompt.tool_choice.mode != "none":
            report.drop("tool_choice", "there are no tools to choose from")
        return body
    body["tools"] = tools
    choice = _choice(prompt.tool_choice)
    if prompt.parallel_tools is not None:
        choice = choice or {"type": "auto"}
        if choice["type"] != "none" and not (prompt.parallel_tools and not report.native):
            choice["disable_parallel_tool_use"] = not prompt.parallel_tools
    if choice:
        body["tool_choice"] = choice
    return body


def _offered(prompt: Prompt) -> tuple[Tool, ...]:
    """Return the tools; where several are allowed no more are offered, since a choice can name but one."""
    choice = prompt.tool_choice
    if choice is None or not choice.names or (len(choice.names) == 1 and choice.mode == "required"):
        return prompt.tools
    return tuple(tool for tool in prompt.tools if tool.name in choice.names)


def _choice(choice: ToolChoice | None) -> Json:
    if choice is None:
        return {}
    if choice.mode == "required" and len(choice.names) == 1:
        return {"type": "tool", "name": choice.names[0]}
    return {"type": {"auto": "auto", "none": "none", "required": "any"}[choice.mode]}


def _tool(report: Report, tool: Tool) -> Json:
    written: Json = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    written["input_schema"] = EMPTY_SCHEMA if tool.parameters is None else tool.parameters
    if tool.strict is not None:
        written["strict"] = tool.strict
    if tool.cached is not None:
        written["cache_control"] = tool.cached.raw
    return written | report.rest("tools", tool.rest)


def _format(report: Report, shape: AnswerShape) -> Json:
    if shape.description:
        report.drop("response_format.json_schema.description", "the upstream takes the schema alone")
    return {"type": "json_schema", "schema": EMPTY_SCHEMA if shape.schema is None else shape.schema}
