"""How much to think, in this dialect's words: each maker's models are told in fields that Bedrock hands on to them."""

from tulou.services.gateway.dialects.bedrock.words import MAKER
from tulou.services.gateway.dialects.claude import (
    COOLED,
    FORCED,
    FORGOTTEN,
    adaptive,
    budget_of,
    effort_of,
    is_claude,
    no_room,
    room_of,
    takes_budget,
    thoughtless,
)
from tulou.services.gateway.dialects.demands import known
from tulou.services.gateway.dialects.prompt import Reasoning
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]


def think(report: Report, inference: Json, more: Json) -> None:
    """Put into a request how much to think, and take out what the upstream refuses beside it."""
    reasoning = report.prompt.reasoning
    if reasoning is None or reasoning.off or not known(report, "reasoning", "reasoning"):
        return
    report.rest("reasoning", {name: raw for name, raw in reasoning.rest.items() if name != "display"})
    choice = report.prompt.tool_choice
    if choice is not None and choice.mode == "required":
        report.drop("reasoning", FORCED)
        return
    if not is_claude(report.ability.model):
        _effort(report, reasoning.effort, more)
        return
    budgeted = takes_budget(report.ability.model, reasoning)
    if budgeted and thoughtless(report.prompt, MAKER):
        report.drop("reasoning", FORGOTTEN)
    elif budgeted:
        _budgeted(report, reasoning, inference, more)
    else:
        more["thinking"] = adaptive(reasoning)
        if effort := effort_of(reasoning):
            more["output_config"] = {"effort": effort}
    if "thinking" in more:
        for name, where in (("temperature", inference), ("top_k", more)):
            if where.pop(name, None) is not None:
                report.drop(name, COOLED)


def _effort(report: Report, effort: str, more: Json) -> None:
    """Say an effort as the maker of the model has it; Bedrock itself has no word for it."""
    model = report.ability.model
    if not effort:
        report.drop("reasoning", "the upstream takes a budget for Anthropic's models alone")
    elif "gpt-oss" in model or "moonshot" in model:
        more["reasoning_effort"] = effort
    elif "openai." in model:
        more["reasoning"] = {"effort": effort}
    elif "nova-2" in model:
        more["reasoningConfig"] = {"type": "enabled", "maxReasoningEffort": effort}
    else:
        report.drop("reasoning", "no word is known by which the upstream tells this model")


def _budgeted(report: Report, reasoning: Reasoning, inference: Json, more: Json) -> None:
    room = room_of(report.ability.model, report.prompt.max_tokens)
    budget = budget_of(reasoning, room)
    if not budget:
        report.drop("reasoning", no_room(report.prompt))
        return
    if report.prompt.max_tokens is None:
        inference["maxTokens"] = report.ability.max_tokens + budget if room is None else room
    more["thinking"] = {"type": "enabled", "budget_tokens": budget}
