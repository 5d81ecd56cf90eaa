"""Numbers that others say: a vendor, an engine, a client, a file. What cannot be is None, never an exception."""

from math import isfinite

COUNT_MAX = 2**31 - 1
"""The most of anything that one request or answer counts; ledgers hold no more."""


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
