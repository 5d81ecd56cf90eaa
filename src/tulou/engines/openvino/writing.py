"""From tokens to text as it may be sent: whole characters only, and nothing of a stop string."""

from collections.abc import Callable, Sequence

Decode = Callable[[Sequence[int]], str]

_WINDOW = 24
_KEPT = 8


class Detokenizer:
    """Turns tokens into text piece by piece. It decodes a window: the first token of a text may lose its space."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._window: list[int] = []
        self._said = ""

    def add(self, tokens: Sequence[int]) -> str:
        """Return the new text; a character still incomplete comes with the token that completes it."""
        self._window.extend(tokens)
        text = self._decode(self._window)
        if text.endswith("\ufffd"):
            return ""
        new, self._said = text[len(self._said) :], text
        if new and len(self._window) > _WINDOW:
            self._window = self._window[-_KEPT:]
            self._said = self._decode(self._window)
        return new


class StopWatch:
    """Holds back what may be the beginning of a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.stopped = False

    def add(self, text: str) -> str:
        """Return what may be sent; sets `stopped` once a stop string has come, of which nothing is sent."""
        self._held += text
        found = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            return self._held[: min(found)]
        safe = len(self._held) - self._doubtful()
        said, self._held = self._held[:safe], self._held[safe:]
        return said

    def rest(self) -> str:
        """Return what was held back, once it is known that nothing follows."""
        return "" if self.stopped else self._held

    def _doubtful(self) -> int:
        """Return how many characters at the end could be the beginning of a stop string."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-size:]) for stop in self._stops):
                return size
        return 0
