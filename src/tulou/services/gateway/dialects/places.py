"""Keeps the places of an answer in order, for readers of dialects that do not number them."""

from tulou.services.gateway.dialects.events import CallPiece, Event, PartEnded

NO_ARGUMENTS = "{}"
"""What a call of a tool that takes nothing has for arguments: they are JSON text, whoever made the call."""


class Places:
    """Gives each part of one choice its place; the one before has ended by then."""

    __slots__ = ("_bare", "_choice", "_kind", "_next")

    def __init__(self, choice: int = 0) -> None:
        self._choice = choice
        self._kind = ""
        self._next = 0
        self._bare = False

    def at(self, kind: str, out: list[Event]) -> int:
        """Return the place of another piece of this kind: the open one, or a fresh one after it."""
        if self._kind != kind:
            return self.fresh(kind, out)
        return self._next - 1

    def fresh(self, kind: str, out: list[Event]) -> int:
        """Return a place of its own."""
        self.end(out)
        self._kind = kind
        self._next += 1
        return self._next - 1

    def call(self, kind: str, out: list[Event]) -> int:
        """Return a place for a call, which ends with an empty object unless it is `argued`."""
        place = self.fresh(kind, out)
        self._bare = True
        return place

    def argued(self, arguments: str) -> None:
        """Take note that arguments of the call at the open place came."""
        if self._bare and arguments.strip():
            self._bare = False

    def end(self, out: list[Event]) -> None:
        """End the place that is open, if there is one."""
        if self._bare:
            self._bare = False
            out.append(CallPiece(arguments=NO_ARGUMENTS, place=self._next - 1, choice=self._choice))
        if self._kind:
            out.append(PartEnded(place=self._next - 1, choice=self._choice))
            self._kind = ""
