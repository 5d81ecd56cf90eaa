"""When credentials were suspected last, so that each is probed for it only so often."""

MOST = 10_000
"""Credentials that are remembered: as many as there may be; the one suspected longest ago gives way."""


class Suspicions:
    """In memory: after a restart each may be suspected again at once."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._last: dict[str, float] = {}

    def due(self, credential: str, now: float) -> bool:
        """Say whether a credential may be suspected at this monotonic time, and note that it is."""
        last = self._last.get(credential)
        if last is not None and now - last < self._every_s:
            return False
        self._last.pop(credential, None)
        self._last[credential] = now
        if len(self._last) > MOST:
            del self._last[next(iter(self._last))]
        return True
