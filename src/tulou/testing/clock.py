"""A clock that stands still until a test moves it."""

START = 1_800_000_000.0


class ManualClock:
    """Both readings move together, by `advance` only."""

    def __init__(self, now: float = START) -> None:
        self._now = now
        self._start = now

    def now(self) -> float:
        """Return the Unix time."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds since the clock was made."""
        return self._now - self._start

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
