"""What is odd about an answer, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.integration.vendors.oddities.answer import Good, Wire

Kind = Literal["status", "shape", "counts", "encoding", "length", "order"]
Outcome = Literal["answered", "failed", "either"]
"""The client gets "hello"; it is told an error, whole or at the end of a stream; or one of the two, told truly."""


@dataclass(frozen=True)
class Oddity:
    """`make` says what goes over the wire instead of a good answer."""

    name: str
    kind: Kind
    make: Callable[[Good], Wire]
    outcome: Outcome = "either"
    streams: bool = True
    wholes: bool = True
    binary: bool = True

    def fits(self, good: Good) -> bool:
        """Say whether an answer can be odd in this way."""
        if not (self.streams if good.stream else self.wholes):
            return False
        return self.binary or not good.binary
