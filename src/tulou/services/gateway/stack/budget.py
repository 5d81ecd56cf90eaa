"""A retry budget: retries may be a share of the traffic, so that they never make an overload worse."""

FLOOR = 10.0
"""Tokens at the start, and what time alone fills up to: a route with little traffic may still retry now and then."""

CAP = 100.0
"""Tokens that traffic may save up, for a burst of failures."""

REFILL_PER_S = 1.0


class RetryBudget:
    """Each request pays in `share`, each retry takes out 1; a little flows in with time."""

    __slots__ = ("_at", "_share", "_tokens")

    def __init__(self, share: float, *, now: float) -> None:
        self._share = share
        self._tokens = FLOOR
        self._at = now

    def earn(self) -> None:
        """Note a request."""
        if self._tokens < CAP:
            self._tokens += self._share

    def spend(self, now: float) -> bool:
        """Take out a retry, if there is one; `now` is a monotonic time in seconds."""
        if self._tokens < FLOOR:
            self._tokens = min(FLOOR, self._tokens + (now - self._at) * REFILL_PER_S)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
