"""Numbers that others say: a vendor, an engine, a client, a file. What cannot be is None, never an exception."""

from math import isfinite

COUNT_MAX = 2**31 - 1
"""The most of anything that one request or answer counts; ledgers hold no more."""


WAIT_MOST_S = 86_400.0
"""The longest that anybody may be asked to wait."""


def bounded_int(value: object, *, least: int = 0, most: int = COUNT_MAX) -> int | None:
    """Return a whole number within its bounds; `12.0` is one, a truth value, a text or a fraction is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not least <= value <= most or value != (whole := int(value)):
        return None
    return whole


def bounded_float(value: object, *, least: float, most: float) -> float | None:
    """Return a finite number within its bounds; a truth value or a text is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if least <= value <= most and isfinite(value) else None


def bounded_wait(seconds: float | None) -> float | None:
    """Return how long to wait, in seconds: a day at most, None where it cannot be."""
    if seconds is None or not seconds >= 0:
        return None
    return min(seconds, WAIT_MOST_S)


def read_number(text: str | bytes) -> float | None:
    """Return a number as a header writes it, None for anything else, what is not finite with it."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
