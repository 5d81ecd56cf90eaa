"""Writes a request for a chat completion."""

from types import MappingProxyType

import msgspec

from tulou.services.gateway.dialects.citations import UNKNOWN
from tulou.services.gateway.dialects.demands import check, known, settle
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.nesting import nested
from tulou.services.gateway.dialects.openai_chat.message_writer import write_messages
from tulou.services.gateway.dialects.openai_chat.words import FAMILY, KIN
from tulou.services.gateway.dialects.prompt import AnswerShape, Prompt, Reasoning, Tool
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]

DROPPED = MappingProxyType({"messages.citations": UNKNOWN})
EFFORTS = ((2048, "low"), (8192, "medium"))
"""How much thinking a budget of tokens is at most; more is high."""


def write_request(prompt: Prompt, ability: Ability) -> Written:
    """Return the request; raise `InvalidError` for what the upstream cannot do and may not be dropped."""
    customs = prompt.family == FAMILY and ability.custom_tools
    kin = KIN if prompt.family == "responses" else frozenset[str]()
    report = Report(prompt, ability, family=FAMILY, kin=kin, functions=not customs)
    check(report)
    settle(report, refused={}, dropped=DROPPED)
    body: Json = {"model": ability.model, "messages": write_messages(report)}
    body |= _tools(report) | _limits(report) | _odds(report)
    if prompt.shape is not None:
        body["response_format"] = _shape(prompt.shape)
    if effort := _effort(report, prompt.reasoning):
        body["reasoning_effort"] = effort
    extra = report.extra()
    options = extra.pop("stream_options", None)
    if prompt.stream:
        more = msgspec.json.decode(options, type=dict[str, msgspec.Raw]) if options is not None else {}
        body |= {"stream": True, "stream_options": {"include_usage": True, **more}}
    return Written(body=msgspec.json.encode(body | extra), dropped=report.dropped)


def _limits(report: Report) -> Json:
    prompt, body = report.prompt, Json()
    if prompt.max_tokens is not None:
        body[report.ability.max_tokens_field or "max_tokens"] = prompt.max_tokens
    if prompt.stop:
        body["stop"] = prompt.stop
    if prompt.n > 1:
        body["n"] = prompt.n
    if prompt.logprobs is not None:
        body["logprobs"] = True
        if prompt.logprobs:
            body["top_logprobs"] = prompt.logprobs
    if prompt.metadata:
        body["metadata"] = prompt.metadata
    if prompt.user:
        body["user"] = prompt.user
    if prompt.verbosity:
        body["verbosity"] = prompt.verbosity
    return body


def _odds(report: Report) -> Json:
    prompt = report.prompt
    odds: Json = {
        "temperature": prompt.temperature,
        "top_p": prompt.top_p,
        "presence_penalty": prompt.presence_penalty,
        "frequency_penalty": prompt.frequency_penalty,
    }
    if prompt.seed is not None and known(report, "seed", "seed"):
        odds["seed"] = prompt.seed
    if prompt.top_k is not None and (report.native or known(report, "top_k", "top_k")):
        odds["top_k"] = prompt.top_k
    return {name: value for name, value in odds.items() if value is not None}


def _tools(report: Report) -> Json:
    prompt, body = report.prompt, Json()
    offered = _offered(prompt) if _narrowed(report) else prompt.tools
    tools: list[object] = [_tool(report, tool) for tool in offered]
    tools.extend(prompt.hosted)
    if tools:
        body["tools"] = tools
    if prompt.tool_choice is not None and tools:
        body["tool_choice"] = _choice(prompt, narrowed=_narrowed(report))
    elif prompt.tool_choice is not None:
        report.drop("tool_choice", "there are no tools to choose from")
    if _narrowed(report) and len(offered) == 1 and prompt.tool_choice and prompt.tool_choice.mode == "required":
        body["parallel_tool_calls"] = False
    elif prompt.parallel_tools is not None and tools and known(report, "parallel_tools", "parallel_tool_calls"):
        body["parallel_tool_calls"] = prompt.parallel_tools
    return body


def _narrowed(report: Report) -> bool:
    """Say whether a choice of named tools must be said by offering no others."""
    choice = report.prompt.tool_choice
    return choice is not None and bool(choice.names) and not report.ability.named_tools


def _offered(prompt: Prompt) -> tuple[Tool, ...]:
    names = prompt.tool_choice.names if prompt.tool_choice is not None else ()
    return tuple(tool for tool in prompt.tools if tool.name in names)


def _tool(report: Report, tool: Tool) -> Json:
    written = _custom(tool) if tool.custom else _function(tool)
    return nested(written | report.mark(tool.cached, "tools"), report.rest("tools", tool.rest))


def _function(tool: Tool) -> Json:
    function: Json = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = tool.parameters
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _custom(tool: Tool) -> Json:
    custom: Json = {"name": tool.name}
    if tool.description:
        custom["description"] = tool.description
    if (form := tool.grammar) is not None:
        grammar = {"syntax": form.syntax, "definition": form.definition}
        custom["format"] = {"type": "grammar", "grammar": grammar}
    return {"type": "custom", "custom": custom}


def _choice(prompt: Prompt, *, narrowed: bool) -> object:
    choice = prompt.tool_choice
    if choice is None or not choice.names or narrowed:
        return choice.mode if choice is not None else "auto"
    customs = {tool.name for tool in prompt.tools if tool.custom}
    named = [_named("custom" if name in customs else "function", name) for name in choice.names]
    if choice.mode == "required" and len(named) == 1:
        return named[0]
    return {"type": "allowed_tools", "allowed_tools": {"mode": choice.mode, "tools": named}}


def _named(kind: str, name: str) -> Json:
    return {"type": kind, kind: {"name": name}}


def _shape(shape: AnswerShape) -> Json:
    if shape.kind == "json_object":
        return {"type": "json_object"}
    schema: Json = {"name": shape.name or "answer"}
    if shape.description:
        schema["description"] = shape.description
    if shape.schema is not None:
        schema["schema"] = shape.schema
    if shape.strict is not None:
        schema["strict"] = shape.strict
    return {"type": "json_schema", "json_schema": schema}


def _effort(report: Report, reasoning: Reasoning | None) -> str:
    if reasoning is None or not known(report, "reasoning", "reasoning"):
        return ""
    report.rest("reasoning", reasoning.rest)
    if reasoning.summary in {"concise", "detailed"} and not report.native:
        report.drop("reasoning.summary", "the upstream shows of its reasoning what it likes")
    if reasoning.off and not report.native:
        report.drop("reasoning", "there is no word for it that all upstreams of the dialect openai understand")
        return ""
    if reasoning.effort or reasoning.budget is None:
        return reasoning.effort
    budget = reasoning.budget
    return next((effort for most, effort in EFFORTS if budget <= most), "high")
