"""How much to think, in this dialect's words."""

from tulou.services.gateway.dialects.anthropic.words import MAKER
from tulou.services.gateway.dialects.claude import (
    COOLED,
    FORCED,
    FORGOTTEN,
    adaptive,
    budget_of,
    effort_of,
    no_room,
    room_of,
    takes_budget,
    thoughtless,
)
from tulou.services.gateway.dialects.demands import known
from tulou.services.gateway.dialects.prompt import Reasoning
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]


def think(report: Report, body: Json) -> str:
    """Put into a request how much to think, and take out what the upstream refuses beside it; return the effort."""
    reasoning = report.prompt.reasoning
    if reasoning is None or not known(report, "reasoning", "reasoning"):
        return ""
    if report.native:
        _native(reasoning, body)
        return reasoning.effort
    report.rest("reasoning", reasoning.rest)
    if reasoning.off:
        body["thinking"] = {"type": "disabled"}
        return ""
    if _forced(body):
        report.drop("reasoning", FORCED)
        return ""
    effort = ""
    if takes_budget(report.ability.model, reasoning):
        if thoughtless(report.prompt, MAKER):
            report.drop("reasoning", FORGOTTEN)
        else:
            _budgeted(report, reasoning, body)
    else:
        body["thinking"] = adaptive(reasoning)
        effort = effort_of(reasoning)
    _cool(report, body)
    return effort


def _native(reasoning: Reasoning, body: Json) -> None:
    if reasoning.off:
        body["thinking"] = {"type": "disabled"}
    elif reasoning.budget is not None:
        body["thinking"] = {"type": "enabled", "budget_tokens": reasoning.budget, **reasoning.rest}
    elif reasoning.rest:
        body["thinking"] = dict(reasoning.rest)


def _budgeted(report: Report, reasoning: Reasoning, body: Json) -> None:
    room = room_of(report.ability.model, report.prompt.max_tokens)
    budget = budget_of(reasoning, room)
    if not budget:
        report.drop("reasoning", no_room(report.prompt))
        return
    if room is None:
        body["max_tokens"] = report.ability.max_tokens + budget
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _cool(report: Report, body: Json) -> None:
    if "thinking" in body:
        for name in ("temperature", "top_k"):
            if body.pop(name, None) is not None:
                report.drop(name, COOLED)


def _forced(body: Json) -> bool:
    match body.get("tool_choice"):
        case {"type": "any" | "tool"}:
            return True
        case _:
            return False
