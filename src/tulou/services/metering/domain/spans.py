"""How the span of a report is cut into the roll-ups that hold it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Literal, NamedTuple

from tulou.contracts.metering.messages import Bucket
from tulou.kernel.errors import InvalidError
from tulou.services.metering.domain.sums import DAY, HOUR, MINUTE

Even = Literal["minute", "hour", "day"]
Grain = Even | Literal["month"]
SIZES: dict[Even, int] = {"minute": MINUTE, "hour": HOUR, "day": DAY}
GRAINS: tuple[Grain, ...] = ("minute", "hour", "day", "month")

MINUTES_KEPT_S = DAY + HOUR
SPAN_CAP_S = 20 * 366 * DAY
FAR = 32_503_680_000.0
"""The year 3000: calendars know it, and nobody plans as far."""


class GrainSpan(NamedTuple):
    """A part of a span, which one grain of roll-up holds; `end` is not in it."""

    grain: Grain
    start: int
    end: int


def check_span(start: float, end: float) -> None:
    """Raise `InvalidError` for a span that is none, or longer than twenty years."""
    if not 0 <= start < end < FAR:  # false for what is not a number, too
        raise InvalidError(f"the span from {start} to {end} is none; both count Unix seconds", param="start")
    if end - start > SPAN_CAP_S:
        raise InvalidError("the span is longer than twenty years; ask for less", param="start")


def pieces(start: float, end: float, bucket: Bucket, *, now: float, hours_kept_s: float) -> list[GrainSpan]:
    """Cut a span: minutes and hours as they are asked for; else whole months or days, and hours at the edges.

    A span is widened to what the grain can tell: whole minutes, hours, or days where hours are kept no more.
    """
    if bucket == "minute":
        if start < now - MINUTES_KEPT_S:
            raise InvalidError("minutes are kept for the last day only; ask for hours or days", param="bucket")
        return [_widened("minute", start, end)]
    if bucket == "hour":
        if start < now - hours_kept_s:
            raise InvalidError(f"hours are kept for {hours_kept_s / DAY:g} days; ask for days", param="bucket")
        return [_widened("hour", start, end)]
    if start < now - hours_kept_s:
        start = floor(start, DAY)
    if end < now - hours_kept_s:
        end = ceil(end, DAY)
    return _cut(floor(start, HOUR), ceil(end, HOUR), whole_months=bucket in ("month", "all"))


def begins(grain: Grain) -> Callable[[int], int]:
    """Return what tells when the minute, hour, day or month of a second begins."""
    return month_of if grain == "month" else partial(floor, grain=SIZES[grain])


def starts(piece: GrainSpan) -> Sequence[int]:
    """Return when each minute, hour, day or month of a piece begins."""
    if piece.grain == "month":
        return tuple(months(piece.start, piece.end))
    return range(piece.start, piece.end, SIZES[piece.grain])


def month_of(at: int) -> int:
    """Return when the month of a moment begins."""
    day = datetime.fromtimestamp(at, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(day.timestamp())


def months(start: int, end: int) -> Iterator[int]:
    """Yield when each month begins that has a part in a span."""
    month = month_of(start)
    while month < end:
        yield month
        month = month_of(month + 32 * DAY)


def floor(at: float, grain: int) -> int:
    """Return when the minute, hour or day of a moment begins."""
    return int(at // grain) * grain


def ceil(at: float, grain: int) -> int:
    """Return when the first whole one after a moment begins, or the moment itself."""
    return -int(-at // grain) * grain


def _cut(start: int, end: int, *, whole_months: bool) -> list[GrainSpan]:
    """Put whole months, if wanted, between days, and those between hours."""
    first_day, last_day = ceil(start, DAY), floor(end, DAY)
    if first_day >= last_day:
        return [GrainSpan("hour", start, end)]
    days = [GrainSpan("day", first_day, last_day)]
    first_month = month_of(first_day) if month_of(first_day) == first_day else month_of(month_of(first_day) + 32 * DAY)
    last_month = month_of(last_day)
    if whole_months and first_month < last_month:
        days = [
            GrainSpan("day", first_day, first_month),
            GrainSpan("month", first_month, last_month),
            GrainSpan("day", last_month, last_day),
        ]
    cut = [GrainSpan("hour", start, first_day), *days, GrainSpan("hour", last_day, end)]
    return [piece for piece in cut if piece.start < piece.end]


def _widened(grain: Even, start: float, end: float) -> GrainSpan:
    return GrainSpan(grain, floor(start, SIZES[grain]), ceil(end, SIZES[grain]))
