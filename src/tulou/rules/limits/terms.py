"""What a limit means in whole units and seconds: one rule, so that all who count do it alike."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from tulou.contracts.limits.measures import MEASURES, Period
from tulou.contracts.limits.messages import Limit

Kind = Literal["rate", "window", "places"]

SECONDS = MappingProxyType[Period, float]({"second": 1.0, "minute": 60.0, "hour": 3600.0})
"""The periods of rates; day and month are windows of the calendar."""


@dataclass(frozen=True, slots=True)
class LimitTerms:
    """A limit, ready for counting: `capacity` in units, `period_s` of a rate only."""

    kind: Kind
    capacity: int
    period: Period
    period_s: float
    hard: bool

    @property
    def unit_s(self) -> float:
        """How long a rate takes to give one unit back."""
        return self.period_s / self.capacity

    def begins(self, now: float) -> float:
        """Return when the window that a time lies in began."""
        return window(self.period, now)[0]

    def ends(self, now: float) -> float:
        """Return when the window that a time lies in ends."""
        return window(self.period, now)[1]


def terms_of(limit: Limit) -> LimitTerms:
    """Return the terms of a valid limit."""
    measure = MEASURES[limit.measure]
    capacity = round(limit.amount * measure.scale)
    hard = limit.edge == "hard"
    if measure.charged == "never":
        return LimitTerms("places", capacity, limit.period, 0.0, hard)
    if limit.period in SECONDS:
        return LimitTerms("rate", capacity, limit.period, SECONDS[limit.period], hard)
    return LimitTerms("window", capacity, limit.period, 0.0, hard)


def window(period: Period, now: float) -> tuple[float, float]:
    """Return begin and end of the UTC day or month that a Unix time lies in; of other periods, an endless one."""
    if period not in ("day", "month"):
        return 0.0, float("inf")
    moment = datetime.fromtimestamp(now, UTC)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return day.timestamp(), (day + timedelta(days=1)).timestamp()
    first = day.replace(day=1)
    return first.timestamp(), (first + timedelta(days=32)).replace(day=1).timestamp()


def in_amounts(limit: Limit, units: float) -> float:
    """Return units as the limit's amount is written: money as money."""
    scale = MEASURES[limit.measure].scale
    return units if scale == 1 else units / scale
