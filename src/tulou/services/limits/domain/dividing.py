"""How what is left is divided among gateways, so that its last units can be used and lie nowhere idle."""

from tulou.contracts.limits.messages import Ask


def divide(free: int, ask: Ask, *, gateways: int) -> int:
    """Return what to grant of `free` units: what requests wait for, and beyond it a part of half of what is left.

    Shares so shrink with what is left, down to single units. Too little for the smallest request that waits is better
    left to others.
    """
    if free < max(1, ask.least if ask.need else 1):
        return 0
    fair = max(1, free // (2 * max(1, gateways)))
    return min(free, max(ask.need, min(ask.want, fair)))
