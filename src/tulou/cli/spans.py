"""Spans of time as people type them."""

import re
import time
from datetime import UTC, datetime

from tulou.kernel.errors import InvalidError

UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_LAST = re.compile(r"(\d{1,5})([mhdw])")


def seconds(text: str) -> float:
    """Return how long `30m`, `24h`, `7d` or `4w` is."""
    match = _LAST.fullmatch(text)
    if match is None or not int(match[1]):
        raise InvalidError(f"{text!r} is no length of time; write 30m, 24h, 7d or 4w")
    return int(match[1]) * UNITS[match[2]]


def moment(text: str) -> float:
    """Return the Unix seconds of a date or time, in UTC unless it says otherwise."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError(f"{text!r} is no date; write 2026-01-31 or 2026-01-31T12:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def span(last: str, since: str, until: str) -> tuple[float, float]:
    """Return beginning and end: since a date, or the last so much, until a date or now."""
    end = moment(until) if until else time.time()
    start = moment(since) if since else end - seconds(last)
    if start >= end:
        raise InvalidError(f"the span begins after its end; --since {since} is not before {until or 'now'}")
    return start, end
