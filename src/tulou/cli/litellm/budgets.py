"""Rates and budgets of LiteLLM's keys, teams and proxy as limits of this house."""

import re
from collections.abc import Iterator, Sequence

from tulou.cli.litellm.names import LIMIT_NAME_CAP, FreeNames, limit_name
from tulou.cli.litellm.section import Section, Written

TENANT = "default"
DAY, MONTH = 86_400, 30 * 86_400
LEAST = -1e18
"""Budgets and rates of 0 and less let nothing through in LiteLLM."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY, "mo": MONTH, "y": 365 * DAY}
_WORDS = {"hourly": "1h", "daily": "1d", "weekly": "7d", "monthly": "30d"}
_RATES = (
    ("rpm_limit", "requests", "minute"),
    ("tpm_limit", "tokens", "minute"),
    ("tpd_limit", "tokens", "day"),
    ("max_parallel_requests", "concurrency", "none"),
)
_BUDGETS = (("max_budget", "hard"), ("soft_budget", "soft"))


class SubjectLimits:
    """Limits of principals and projects, each with a name of its own."""

    def __init__(self) -> None:
        self.items: list[Written] = []
        self._names = FreeNames(most=LIMIT_NAME_CAP)

    def add(self, section: Section, scope: str, subject: str, *, prefix: str = "") -> Sequence[str]:
        """Take the rates and budgets of a section whose names have a prefix; return those that let nothing through."""
        nothing: list[str] = []
        for field, limit in _limits(section, prefix):
            if limit["amount"] <= 0:
                nothing.append(field)
                continue
            ends = [name for name in (str(limit["measure"]), str(limit["period"])) if name not in ("minute", "none")]
            if limit["measure"] == "cost" or limit["period"] != "day":
                ends = ends[:1]
            if limit.get("edge"):
                ends.append("soft")
            name = self._names.free(limit_name(scope, subject, *ends))
            self.items.append(
                {"name": name, "scope": scope, "subject": f"{TENANT}/{subject}", "tenant": TENANT, **limit}
            )

        return nothing


def _limits(section: Section, prefix: str) -> Iterator[tuple[str, Written]]:
    """Yield limits, each with the name of its setting; those that let nothing through have an amount of 0."""
    for field, measure, period in _RATES:
        amount = section.number(prefix + field, least=LEAST)
        if amount is not None:
            whole = float(max(1, int(amount))) if amount > 0 else 0.0
            yield prefix + field, {"measure": measure, "amount": whole, "period": period}
    duration = section.text(f"{prefix}budget_duration")
    for field, edge in _BUDGETS:
        amount = section.number(prefix + field, least=LEAST)
        if amount is None:
            continue
        if amount <= 0 and edge == "soft":
            section.note(prefix + field, "warns of everything; no budget here can be 0, and this one was left out")
            continue
        period = period_of(section, f"{prefix}budget_duration", duration) if amount > 0 else "month"
        limit: Written = {"measure": "cost", "amount": max(amount, 0.0), "period": period}
        yield prefix + field, limit if edge == "hard" else {**limit, "edge": edge}


def house_budget(litellm: Section) -> list[Written]:
    """Return the budget of the whole proxy as one of the house; one of 0 is none in LiteLLM."""
    amount = litellm.number("max_budget", least=LEAST)
    duration = litellm.text("budget_duration")
    if amount is None or amount <= 0:
        return []
    period = period_of(litellm, "budget_duration", duration)
    return [{"name": "house-cost", "scope": "house", "measure": "cost", "amount": amount, "period": period}]


def period_of(section: Section, name: str, duration: str) -> str:
    """Return the calendar's period that is nearest to a duration, with a note where it is not the same."""
    match = re.fullmatch(r"(\d+)(s|m|h|d|w|mo|y)", _WORDS.get(duration, duration))
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    for period, length in (("hour", 3600), ("day", DAY)):
        if seconds == length:
            return period
    if not 28 * DAY <= seconds <= 31 * DAY:
        words = f"{duration!r} has no counterpart" if duration else "is for ever in LiteLLM"
        section.note(name, f"{words}; the budget is one of a calendar month", kind="differs")
    return "month"
