"""Says whether something still moves: not on average, but at any time."""


class Patience:
    """So much time as may pass while next to nothing comes; what comes gives time back, at a rate, up to the whole.

    So a peer that is as fast as the rate never runs out of it, and one that stops does so after `whole_s`, however much
    came before.
    """

    __slots__ = ("_counted", "_left_s", "_looked_at")

    def __init__(self) -> None:
        self._counted = 0
        self._left_s = 0.0
        self._looked_at = -1.0

    def reset(self) -> None:
        """Begin with all the time again, at the next look."""
        self._looked_at = -1.0

    def over(self, now: float, moved: int, *, whole_s: float, rate: float) -> bool:
        """Say whether time is over, given how many bytes moved since the beginning."""
        if self._looked_at < 0:
            self._left_s = whole_s
        else:
            self._left_s = min(whole_s, self._left_s + (moved - self._counted) / rate) - (now - self._looked_at)
        self._counted = moved
        self._looked_at = now
        return self._left_s < 0
