"""How much to think, in this dialect's words: a budget of tokens for models up to 4.5, an effort for later ones."""

import re
from types import MappingProxyType

from tulou.services.gateway.dialects.demands import known
from tulou.services.gateway.dialects.prompt import Reasoning
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]

BUDGETED = re.compile(r"claude-(?:3|(?:opus|sonnet|haiku)-4(?:$|-[0-5](?!\d)|-2025|@))")
"""Models that know no other measure than a budget."""

BUDGETS = MappingProxyType(
    {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768, "": 8192}
)
EFFORTS = MappingProxyType({"minimal": "low"})
LEAST = 1024
"""The smallest budget that is accepted."""


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
        report.drop("reasoning", "the upstream does not think where a tool is forced")
        return ""
    effort = ""
    if BUDGETED.search(report.ability.model) or reasoning.budget is not None:
        _budgeted(report, reasoning, body)
    else:
        body["thinking"] = {"type": "adaptive"}
        effort = EFFORTS.get(reasoning.effort, reasoning.effort)
    _cool(report, body)
    return effort


def _cool(report: Report, body: Json) -> None:
    if "thinking" in body:
        for name in ("temperature", "top_k"):
            if body.pop(name, None) is not None:
                report.drop(name, "the upstream does not take it while it thinks")


def _native(reasoning: Reasoning, body: Json) -> None:
    if reasoning.off:
        body["thinking"] = {"type": "disabled"}
    elif reasoning.budget is not None:
        body["thinking"] = {"type": "enabled", "budget_tokens": reasoning.budget, **reasoning.rest}
    elif reasoning.rest:
        body["thinking"] = dict(reasoning.rest)


def _budgeted(report: Report, reasoning: Reasoning, body: Json) -> None:
    budget = reasoning.budget if reasoning.budget is not None else BUDGETS.get(reasoning.effort, BUDGETS[""])
    budget = max(budget, LEAST)
    most = report.prompt.max_tokens
    if most is None:
        body["max_tokens"] = report.ability.max_tokens + budget
    elif most <= LEAST:
        report.drop("reasoning", f"max_tokens leaves no room for it: the least is {LEAST}")
        return
    else:
        # The budget is a part of `max_tokens`; half of it is left for the answer.
        budget = max(LEAST, min(budget, most // 2))
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _forced(body: Json) -> bool:
    match body.get("tool_choice"):
        case {"type": "any" | "tool"}:
            return True
        case _:
            return False
