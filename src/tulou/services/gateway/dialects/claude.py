"""How much Anthropic's models think, whoever serves them: a budget of tokens up to version 4.5, an effort later."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from tulou.services.gateway.dialects.dialect import DEFAULT_CAP
from tulou.services.gateway.dialects.prompt import CappedBy, Part, Prompt, Reasoning, TextPart, ThoughtPart, ToolCall
from tulou.services.gateway.dialects.seals import unseal

_CLAUDE = re.compile(r"claude|anthropic\.")
_BUDGETED = re.compile(r"claude-(?:3|(?:opus|sonnet|haiku)-4(?:$|-[0-5](?!\d)|-2025|@))")
_BUDGETS = MappingProxyType({"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768})
_EFFORTS = MappingProxyType({"minimal": "low"})

_WRITES = tuple(
    (re.compile(pattern), most)
    for pattern, most in (
        (r"claude-(?:3-5|3\.5)-", 8_192),
        (r"claude-(?:3-7|3\.7)-", 64_000),
        (r"claude-(?:instant|2|3-(?:opus|sonnet|haiku))", 4_096),
        (r"claude-opus-4(?:$|[@:]|[-.][01](?!\d)|-2025)", 32_000),
        (r"claude-opus-4[-.]5(?!\d)", 64_000),
        (r"claude-opus-4[-.]\d", 128_000),
        (r"claude-[a-z]+-[4-9]", 64_000),
    )
)
"""Tokens of output that a model can write (docs.anthropic.com, models overview, and its release notes)."""

LEAST = 1024
"""The smallest budget that is accepted."""

_CAPS: Mapping[CappedBy, str] = MappingProxyType(
    {
        "client": "max_tokens leaves",
        "deployment": "the deployment's default max_tokens leaves",
        "limit": "what a limit of the house has for this answer leaves",
    }
)
FORCED = "the upstream does not think where a tool is forced"
COOLED = "the upstream does not take it while it thinks"
FORGOTTEN = "the last call of a tool comes without the thought before it, from which alone the upstream thinks on"


def is_claude(model: str) -> bool:
    """Say whether this is one of Anthropic's models."""
    return _CLAUDE.search(model) is not None


def most_written(model: str, *, otherwise: int) -> int:
    """Return how many tokens one of these models can write at most; `otherwise` for one that is not known."""
    return next((most for pattern, most in _WRITES if pattern.search(model) is not None), otherwise)


def default_cap(dialect: str, model: str) -> int:
    """Return the cap on output that a model is told where the client says none; 0 where the dialect can do without."""
    if dialect == "anthropic" or (dialect == "bedrock" and is_claude(model)):
        return most_written(model, otherwise=DEFAULT_CAP)
    return 0


def room_of(model: str, most: int | None) -> int | None:
    """Return the tokens of output that thinking shares: the client's cap, else what the model can, if it is known."""
    return most if most is not None else most_written(model, otherwise=0) or None


def takes_budget(model: str, reasoning: Reasoning) -> bool:
    """Say whether a budget must be said, because the model knows nothing else or because it was asked for."""
    return reasoning.budget is not None or _BUDGETED.search(model) is not None


def budget_of(reasoning: Reasoning, most: int | None) -> int:
    """Return the budget within *most* tokens of output, half of which are left for the answer; 0 without room."""
    budget = reasoning.budget if reasoning.budget is not None else _BUDGETS.get(reasoning.effort, _BUDGETS["medium"])
    if most is None:
        return max(budget, LEAST)
    return 0 if most <= LEAST else max(LEAST, min(budget, most // 2))


def no_room(prompt: Prompt) -> str:
    """Return why a request without room does not think: whose cap it is that is too low."""
    return f"{_CAPS[prompt.capped_by]} no room for it: the least is {LEAST}"


def adaptive(reasoning: Reasoning) -> dict[str, object]:
    """Return the wish that a later model thinks as it sees fit, and shows it: not all do unless they are asked to."""
    return {"type": "adaptive", "display": reasoning.rest.get("display", "summarized")}


def thoughtless(prompt: Prompt, maker: str) -> bool:
    """Say whether the last answer called tools and begins with no thought of *maker*: a budget is refused then."""
    parts: list[Part] = []
    for turn in reversed(prompt.turns):
        if turn.role == "assistant":
            parts[:0] = turn.parts
        elif parts and turn.role in {"user", "tool"}:
            break
    written = (
        part
        for part in parts
        if part != TextPart(text="") and not (isinstance(part, ThoughtPart) and not _own(part, maker))
    )
    called = any(isinstance(part, ToolCall) for part in parts)
    return called and not isinstance(next(written, None), ThoughtPart)


def _own(part: ThoughtPart, maker: str) -> bool:
    return bool(unseal(part.signature, maker) or unseal(part.redacted, maker))


def effort_of(reasoning: Reasoning) -> str:
    """Return the effort in Anthropic's words."""
    return _EFFORTS.get(reasoning.effort, reasoning.effort)
