"""What one limit allows this process for one subject while nobody can be asked: its part, counted here alone."""

from tulou.rules.limits.terms import LimitTerms


class LocalShare:
    """A part of a rate flows as the whole does; of a window, a part of what was left; of places, a part of them.

    With N gateways that know of one another they let through, together, at most `max(amount, N)` a period. A share goes
    on from the one `before`: what flowed through a rate has not flowed back only because somebody answered in between.
    `at` is when, by the monotonic clock, all of a rate will have flowed back.
    """

    __slots__ = ("_in_use", "_left", "_terms", "at")

    def __init__(self, terms: LimitTerms, *, left: int, gateways: int, before: "LocalShare | None" = None) -> None:
        part = max(1, terms.capacity // max(1, gateways))
        self._terms = LimitTerms(terms.kind, part, terms.period, terms.period_s, terms.hard)
        self._left = left // max(1, gateways)
        self.at = before.at if before is not None else 0.0
        self._in_use = 0

    def take(self, need: int, now: float) -> bool:
        """Take units if they are there; `now` is monotonic."""
        match self._terms.kind:
            case "rate":
                at = max(self.at, now) + need * self._terms.unit_s
                if at - now > self._terms.period_s * (1 + 1e-9):
                    return False
                self.at = at
            case "window":
                if need > self._left:
                    return False
                self._left -= need
            case "places":
                if self._in_use + need > self._terms.capacity:
                    return False
                self._in_use += need
        return True

    def back(self, units: int) -> None:
        """Take back places when their requests have ended."""
        self._in_use = max(0, self._in_use - units)
