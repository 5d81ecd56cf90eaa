"""How the span of a report is cut into the roll-ups that hold it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from tulou.contracts.metering.messages import Bucket
from tulou.kernel.errors import InvalidError
from tulou.services.metering.domain.sums import DAY, HOUR, MINUTE

Grain = Literal["minute", "hour", "day"]
GRAINS: dict[Grain, int] = {"minute": MINUTE, "hour": HOUR, "day": DAY}

MINUTES_KEPT_S = DAY + HOUR
SPAN_CAP_S = 20 * 366 * DAY
FAR = 253_402_300_800.0
"""The year 10000, after which calendars end."""


class Piece(NamedTuple):
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


def pieces(start: float, end: float, bucket: Bucket, *, now: float, hours_kept_s: float) -> list[Piece]:
    """Cut a span: minutes and hours as they are asked for; else whole days, and hours at the edges.

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
    return _days_and_edges(floor(start, HOUR), ceil(end, HOUR))


def months(start: int, end: int) -> Iterator[int]:
    """Yield when each month begins that has a part in a span."""
    day = datetime.fromtimestamp(start, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while day.timestamp() < end:
        yield int(day.timestamp())
        day = day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)


def floor(at: float, grain: int) -> int:
    """Return when the minute, hour or day of a moment begins."""
    return int(at // grain) * grain


def ceil(at: float, grain: int) -> int:
    """Return when the first whole one after a moment begins, or the moment itself."""
    return -int(-at // grain) * grain


def _days_and_edges(start: int, end: int) -> list[Piece]:
    first_day, last_day = ceil(start, DAY), floor(end, DAY)
    if first_day >= last_day:
        return [Piece("hour", start, end)]
    cut = [Piece("hour", start, first_day), Piece("day", first_day, last_day), Piece("hour", last_day, end)]
    return [piece for piece in cut if piece.start < piece.end]


def _widened(grain: Grain, start: float, end: float) -> Piece:
    return Piece(grain, floor(start, GRAINS[grain]), ceil(end, GRAINS[grain]))
