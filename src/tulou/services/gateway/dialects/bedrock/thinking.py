"""How much to think, in this dialect's words: Anthropic's models are told in a field that Bedrock hands on to them."""

from tulou.services.gateway.dialects.claude import (
    COOLED,
    FORCED,
    NO_ROOM,
    budget_of,
    effort_of,
    is_claude,
    takes_budget,
)
from tulou.services.gateway.dialects.demands import known
from tulou.services.gateway.dialects.prompt import Reasoning
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]


def think(report: Report, inference: Json, more: Json) -> str:
    """Put into a request how much to think, and take out what the upstream refuses beside it; return the effort."""
    reasoning = report.prompt.reasoning
    if reasoning is None or reasoning.off or not known(report, "reasoning", "reasoning"):
        return ""
    report.rest("reasoning", reasoning.rest)
    choice = report.prompt.tool_choice
    if choice is not None and choice.mode == "required":
        report.drop("reasoning", FORCED)
        return ""
    if not is_claude(report.ability.model):
        if not reasoning.effort:
            report.drop("reasoning", "the upstream takes a budget for Anthropic's models alone")
        return reasoning.effort
    effort = ""
    if takes_budget(report.ability.model, reasoning):
        _budgeted(report, reasoning, inference, more)
    else:
        more["thinking"] = {"type": "adaptive"}
        effort = effort_of(reasoning)
    if "thinking" in more:
        for name, where in (("temperature", inference), ("top_k", more)):
            if where.pop(name, None) is not None:
                report.drop(name, COOLED)
    return effort


def _budgeted(report: Report, reasoning: Reasoning, inference: Json, more: Json) -> None:
    budget = budget_of(reasoning, report.prompt.max_tokens)
    if not budget:
        report.drop("reasoning", NO_ROOM)
        return
    if report.prompt.max_tokens is None:
        inference["maxTokens"] = report.ability.max_tokens + budget
    more["thinking"] = {"type": "enabled", "budget_tokens": budget}
