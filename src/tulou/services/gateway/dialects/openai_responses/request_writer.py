"""Writes a request for a response."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.services.gateway.dialects.citations import UNKNOWN
from tulou.services.gateway.dialects.demands import check, known, settle
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.openai_responses.item_writer import write_items
from tulou.services.gateway.dialects.openai_responses.tool_writer import choice_of, tools_of
from tulou.services.gateway.dialects.openai_responses.words import ENCRYPTED, FAMILY, KIN, LOGPROBS
from tulou.services.gateway.dialects.plain import plain
from tulou.services.gateway.dialects.prompt import AnswerShape, Prompt, Reasoning, Turn
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "n": "gives one answer a request; ask several times",
        "stop": "knows no stop sequences, so its answer would go on after them",
        "messages.audio": "takes no audio in this dialect",
    }
)
DROPPED: Mapping[str, str] = MappingProxyType(
    {
        "seed": "the upstream takes no seed",
        "top_k": "the upstream knows no top_k",
        "presence_penalty": "the upstream knows no penalties",
        "frequency_penalty": "the upstream knows no penalties",
        "messages.name": "turns have no names there",
        "messages.citations": UNKNOWN,
    }
)
EFFORTS = ((2048, "low"), (8192, "medium"))
"""How much thinking a budget of tokens is at most; more is high."""


def write_request(prompt: Prompt, ability: Ability) -> Written:
    """Return the request; raise `InvalidError` for what the upstream cannot do and may not be dropped."""
    kin = KIN if prompt.family == "openai" else frozenset[str]()
    report = Report(prompt, ability, family=FAMILY, kin=kin, functions=False)
    prompt = report.prompt
    check(report)
    settle(report, refused=REFUSED, dropped=DROPPED)
    body: Json = {"model": ability.model}
    instructions, turns = _instructions(prompt)
    if instructions:
        body["instructions"] = instructions
    body["input"] = write_items(report, turns)
    body |= _tools(report) | _limits(prompt)
    if reasoning := _reasoning(report, prompt.reasoning):
        body["reasoning"] = reasoning
    extra: Json = {**report.extra()}
    if text := _text(prompt) | _object(extra.pop("text", None)):
        body["text"] = text
    body |= _kept(report, extra)
    return Written(body=msgspec.json.encode(body | extra), dropped=report.dropped)


def _instructions(prompt: Prompt) -> tuple[str, tuple[Turn, ...]]:
    match prompt.turns:
        case (Turn(role="system", name="") as first, *turns) if not first.rest:
            words = plain(first.parts)
            return ("", prompt.turns) if words is None else (words, tuple(turns))
        case _:
            return "", prompt.turns


def _kept(report: Report, extra: Json) -> Json:
    """Return what concerns keeping: the gate keeps answers itself, and carries reasoning from turn to turn sealed."""
    prompt = report.prompt
    if prompt.family == FAMILY:
        extra.pop("store", None)
        extra.pop("background", None)
    asked = extra.pop("include", None)
    include = msgspec.json.decode(asked, type=list[str]) if isinstance(asked, msgspec.Raw) else []
    wanted = [ENCRYPTED] if prompt.logprobs is None else [ENCRYPTED, LOGPROBS]
    return {"store": False, "include": [*include, *(word for word in wanted if word not in include)]}


def _limits(prompt: Prompt) -> Json:
    asked: Json = {
        "max_output_tokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "top_p": prompt.top_p,
        "top_logprobs": prompt.logprobs or None,
        "metadata": prompt.metadata or None,
        "user": prompt.user or None,
        "stream": prompt.stream or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _tools(report: Report) -> Json:
    prompt, body = report.prompt, Json()
    tools = [*tools_of(prompt.tools, report.rest), *prompt.hosted]
    if any(tool.cached is not None for tool in prompt.tools):
        report.mark(next(tool.cached for tool in prompt.tools if tool.cached is not None), "tools")
    if tools:
        body["tools"] = tools
    if prompt.tool_choice is not None and tools:
        body["tool_choice"] = choice_of(prompt.tool_choice, prompt.tools)
    elif prompt.tool_choice is not None:
        report.drop("tool_choice", "there are no tools to choose from")
    if prompt.parallel_tools is not None and known(report, "parallel_tools", "parallel_tool_calls"):
        body["parallel_tool_calls"] = prompt.parallel_tools
    return body


def shape_of(shape: AnswerShape) -> Json:
    """Return the shape that an answer must have."""
    if shape.kind == "json_object":
        return {"type": "json_object"}
    written: Json = {"type": "json_schema", "name": shape.name or "answer"}
    if shape.description:
        written["description"] = shape.description
    return written | {"schema": shape.schema, "strict": shape.strict}


def _text(prompt: Prompt) -> Json:
    text: Json = {}
    if prompt.shape is not None:
        text["format"] = shape_of(prompt.shape)
    if prompt.verbosity:
        text["verbosity"] = prompt.verbosity
    return text


def _reasoning(report: Report, reasoning: Reasoning | None) -> Json:
    if reasoning is None or not known(report, "reasoning", "reasoning"):
        return {}
    written: Json = report.rest("reasoning", reasoning.rest)
    effort = reasoning.effort
    if not effort and reasoning.budget is not None:
        budget = reasoning.budget
        effort = next((effort for most, effort in EFFORTS if budget <= most), "high")
    if reasoning.off and not report.native:
        effort = "none"
    if effort:
        written["effort"] = effort
    # Reasoning is shown as a summary or not at all; those who ask for it elsewhere expect to see it.
    if reasoning.summary or not (report.native or reasoning.off):
        written["summary"] = reasoning.summary or "auto"
    return written


def _object(raw: object) -> Json:
    return {**msgspec.json.decode(raw, type=dict[str, msgspec.Raw])} if isinstance(raw, msgspec.Raw) else {}
