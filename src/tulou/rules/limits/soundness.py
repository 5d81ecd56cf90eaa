"""Which asks can be: each is judged by itself, so that one that cannot be does not spoil the message it came in."""

from collections.abc import Mapping
from dataclasses import replace

from tulou.contracts.limits.messages import Ask, LeaseShares, Share, Shares
from tulou.kernel.numbers import bounded_int

UNITS_CAP = 10**18
"""The largest amount that is told: that of the largest limit, in its units."""
AMOUNTS = ("want", "used", "keep", "need", "least", "over")


def sound(request: LeaseShares) -> tuple[LeaseShares, Mapping[int, str]]:
    """Return a message without the asks that cannot be, and why not by their places."""
    faults: dict[int, str] = {}
    seen: set[tuple[str, str]] = set()
    for place, ask in enumerate(request.asks):
        pair = (ask.limit, ask.subject)
        if why := _fault(ask) or ("it is asked twice" if pair in seen else ""):
            faults[place] = why
        seen.add(pair)
    if not faults:
        return request, faults
    asks = tuple(ask for place, ask in enumerate(request.asks) if place not in faults)
    return replace(request, asks=asks), faults


def with_faults(request: LeaseShares, shares: Shares, faults: Mapping[int, str]) -> Shares:
    """Return the shares of a whole message, with those of the asks that cannot be in their places."""
    if not faults:
        return shares
    counted = iter(shares.items)
    items = tuple(
        _refused(ask, faults[place], shares.at) if place in faults else next(counted)
        for place, ask in enumerate(request.asks)
    )
    return replace(shares, items=items)


def _fault(ask: Ask) -> str:
    for name in AMOUNTS:
        amount: object = getattr(ask, name)
        if bounded_int(amount, most=UNITS_CAP) is None:
            return f"{name} is {amount}; it may be 0 to {UNITS_CAP}"
    return ""


def _refused(ask: Ask, why: str, at: float) -> Share:
    return Share(limit=ask.limit, subject=ask.subject, lease="", granted=0, until=at, left=0, resets_at=at, refused=why)
