"""How much Anthropic's models think, whoever serves them: a budget of tokens up to version 4.5, an effort later."""

import re
from types import MappingProxyType

from tulou.services.gateway.dialects.prompt import Reasoning

_CLAUDE = re.compile(r"claude|anthropic\.")
_BUDGETED = re.compile(r"claude-(?:3|(?:opus|sonnet|haiku)-4(?:$|-[0-5](?!\d)|-2025|@))")
_BUDGETS = MappingProxyType({"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768})
_EFFORTS = MappingProxyType({"minimal": "low"})

LEAST = 1024
"""The smallest budget that is accepted."""

NO_ROOM = f"max_tokens leaves no room for it: the least is {LEAST}"
FORCED = "the upstream does not think where a tool is forced"
COOLED = "the upstream does not take it while it thinks"


def is_claude(model: str) -> bool:
    """Say whether this is one of Anthropic's models."""
    return _CLAUDE.search(model) is not None


def takes_budget(model: str, reasoning: Reasoning) -> bool:
    """Say whether a budget must be said, because the model knows nothing else or because it was asked for."""
    return reasoning.budget is not None or _BUDGETED.search(model) is not None


def budget_of(reasoning: Reasoning, most: int | None) -> int:
    """Return the budget within *most* tokens of output, half of which are left for the answer; 0 without room."""
    budget = reasoning.budget if reasoning.budget is not None else _BUDGETS.get(reasoning.effort, _BUDGETS["medium"])
    if most is None:
        return max(budget, LEAST)
    return 0 if most <= LEAST else max(LEAST, min(budget, most // 2))


def adaptive(reasoning: Reasoning) -> dict[str, object]:
    """Return the wish that a later model thinks as it sees fit, and shows it: not all do unless they are asked to."""
    return {"type": "adaptive", "display": reasoning.rest.get("display", "summarized")}


def effort_of(reasoning: Reasoning) -> str:
    """Return the effort in Anthropic's words."""
    return _EFFORTS.get(reasoning.effort, reasoning.effort)
