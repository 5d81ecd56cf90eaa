"""Knows when a JSON object that comes in pieces has ended, at the cost of each piece's length."""

import re

_PLAIN = re.compile(r'["{}\[\]]')
_QUOTED = re.compile(r'["\\]')


class JsonEnd:
    """Counts brackets outside of strings; whether what is between them is sound is for whoever reads it."""

    __slots__ = ("_depth", "_escaped", "_quoted", "_spoilt", "ended")

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = self._escaped = self._spoilt = False
        self.ended = False

    def add(self, text: str) -> None:
        """Take more of the text; one that goes on after its end has not ended."""
        rest = text if self.ended else self._rest(text)
        if self.ended and rest.strip():
            self.ended, self._spoilt = False, True

    def _rest(self, text: str) -> str:
        """Return what follows the end, nothing where it has not come."""
        at = 1 if self._escaped and text else 0
        self._escaped = self._escaped and not text
        while not self._spoilt and (found := (_QUOTED if self._quoted else _PLAIN).search(text, at)) is not None:
            at = found.end()
            match found[0]:
                case '"':
                    self._quoted = not self._quoted
                case "\\":
                    self._escaped = at == len(text)
                    at += 1
                case "{" | "[":
                    self._depth += 1
                case _:
                    self._depth -= 1
                    self.ended = self._depth <= 0
            if self.ended:
                return text[at:]
        return ""
