"""How much to think, in this dialect's words: a budget of tokens for models of the second series, a level later."""

import re
from types import MappingProxyType

from tulou.services.gateway.dialects.demands import known
from tulou.services.gateway.dialects.report import Report

Json = dict[str, object]

BUDGETED = re.compile(r"gemini-(?:1|2)(?:\.\d)?\b")
BUDGETS = MappingProxyType({"minimal": 512, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576})
LEVELS = MappingProxyType({"xhigh": "high", "max": "high"})
TURNS = ((2048, "low"), (8192, "medium"))


def thinking(report: Report) -> Json | None:
    """Return how much to think; None when that was not asked. Thoughts are shown to those who ask for any."""
    reasoning = report.prompt.reasoning
    if reasoning is None or not known(report, "reasoning", "reasoning"):
        return None
    report.rest("reasoning", reasoning.rest)
    budgeted = BUDGETED.search(report.ability.model) is not None
    if reasoning.off:
        return {"thinkingBudget": 0} if budgeted else {"thinkingLevel": "low", "includeThoughts": False}
    config: Json = {"includeThoughts": True}
    budget, effort = reasoning.budget, reasoning.effort
    if budgeted:
        amount = budget if budget is not None else BUDGETS.get(effort)
        return config if amount is None else config | {"thinkingBudget": amount}
    if not effort and budget is not None:
        effort = next((effort for most, effort in TURNS if budget <= most), "high")
    return config | {"thinkingLevel": LEVELS.get(effort, effort)} if effort else config
