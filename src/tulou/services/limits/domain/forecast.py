"""How a limit stands, said for people."""

from typing import Literal

from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import Limit, Standing
from tulou.ports.allowances import Level
from tulou.rules.limits.terms import in_amounts, terms_of

EARLY = 0.01
"""The part of a period that must have passed before it says anything about the rest."""


def standing(limit: Limit, level: Level, *, now: float) -> Standing:
    """Return how a limit stands for one subject; only budgets have a forecast."""
    return Standing(
        limit=limit,
        subject=level.subject,
        used=in_amounts(limit, level.used),
        held=in_amounts(limit, level.held),
        resets_at=level.resets_at,
        forecast=forecast(limit, level.used, now=now) if MEASURES[limit.measure].money else None,
        state=_state(limit, level),
    )


def unused(limit: Limit, *, now: float) -> Level | None:
    """Return the level of a limit that has only one subject before its first use, None for one that has many."""
    subject = limit.subject or ("house" if limit.scope == "house" else "")
    if not subject:
        return None
    terms = terms_of(limit)
    resets_at = terms.ends(now) if terms.kind == "window" else now
    return Level(limit=limit.name, subject=subject, used=0, held=0, resets_at=resets_at)


def forecast(limit: Limit, used: int, *, now: float) -> float | None:
    """Return what will be used at the end of the period if it goes on as it has on average since its beginning.

    None in the first hundredth of a period, and for limits without one.
    """
    terms = terms_of(limit)
    if terms.kind != "window":
        return None
    begins, ends = terms.begins(now), terms.ends(now)
    passed = (now - begins) / (ends - begins)
    return None if passed < EARLY else round(in_amounts(limit, used) / passed, 6)


def _state(limit: Limit, level: Level) -> Literal["ok", "warning", "reached"]:
    capacity = terms_of(limit).capacity
    if level.used + level.held >= capacity:
        return "reached"
    if limit.warn_at and level.used >= min(limit.warn_at) * capacity:
        return "warning"
    return "ok"
