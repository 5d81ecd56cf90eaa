"""When somebody should hear that a limit is being used up."""

from collections.abc import Iterator

from tulou.contracts.limits.messages import Limit
from tulou.ports.allowances import Level
from tulou.rules.limits.terms import terms_of

RATE_PERIOD_S = 60.0
"""A rate warns once a minute, or once an hour if that is its period."""


def due(limit: Limit, level: Level) -> Iterator[float]:
    """Yield those of the limit's `warn_at` that are used up."""
    capacity = terms_of(limit).capacity
    yield from (share for share in limit.warn_at if level.used >= share * capacity)


def period_of(limit: Limit, now: float) -> float:
    """Return when the period began in which each warning is said once."""
    terms = terms_of(limit)
    if terms.kind == "window":
        return terms.begins(now)
    length = max(terms.period_s, RATE_PERIOD_S)
    return now // length * length
