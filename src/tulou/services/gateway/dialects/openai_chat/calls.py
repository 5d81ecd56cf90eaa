"""Puts the calls of a stream in order: one after another, although their pieces may come mixed."""

from tulou.services.gateway.dialects.events import CallPiece, CallStarted, Event
from tulou.services.gateway.dialects.openai_chat.ending import JsonEnd
from tulou.services.gateway.dialects.openai_chat.shapes import Call, Function
from tulou.services.gateway.dialects.places import Places

CALLS_CAP = 1024


class _Call:
    __slots__ = ("_end", "_read", "arguments", "id", "name", "over", "place")

    def __init__(self, call: Call) -> None:
        self.id = call.id or ""
        self.name = ""
        self.arguments: list[str] = []
        self.place = -1
        self.over = False
        self._end = JsonEnd()
        self._read = 0

    def ended_by(self, piece: Call) -> bool:
        """Whether a piece of the same index begins another call: some servers give all the same, and new ids."""
        named = piece.function is not None and bool(piece.function.name)
        return named and bool(piece.id and self.id) and piece.id != self.id

    @property
    def complete(self) -> bool:
        """Whether its arguments are a whole JSON object already, so that nothing more can come."""
        for piece in self.arguments[self._read :]:
            self._end.add(piece)
        self._read = len(self.arguments)
        return self._end.ended


class Calls:
    """Passes the pieces of one call on at once, and keeps those of the next until it is whole."""

    def __init__(self, places: Places, choice: int, answer: str) -> None:
        self.any = False
        self._count = 0
        self._places = places
        self._choice = choice
        self._answer = answer
        self._known: dict[int, _Call] = {}
        self._live: _Call | None = None
        self._waiting: list[_Call] = []

    def take(self, pieces: list[Call], out: list[Event]) -> None:
        """Take the calls of one piece of the stream."""
        self.any = True
        for at, piece in enumerate(pieces):
            index = at if piece.index is None else piece.index
            call = self._known.get(index)
            if call is None or call.ended_by(piece):
                call = self._known[index] = _Call(piece)
                self._waiting.append(call)
                self._count += 1
                if self._count > CALLS_CAP:
                    raise ValueError(f"more than {CALLS_CAP} calls in one answer")
            call.id = call.id or piece.id or ""
            if piece.function is not None:
                self._take(call, piece.function, out)

    def finish(self, out: list[Event]) -> None:
        """Pass on what waited; raise `ValueError` for a call whose name never came."""
        while self._waiting:
            if not self._waiting[0].name:
                raise ValueError(f"the call {self._waiting[0].id!r} has no name")
            self._promote(out)

    def _take(self, call: _Call, function: Function, out: list[Event]) -> None:
        """Take more of a call, which goes live once its name is known: some servers write it after the arguments."""
        if function.name and call.place < 0:
            call.name = function.name if function.name.startswith(call.name) else call.name + function.name
        if arguments := function.text:
            self._add(call, arguments, out)
        waits = self._waiting[0] if self._waiting else None
        if waits is not None and waits.name and (self._live is None or self._live.complete):
            self._promote(out)

    def _add(self, call: _Call, arguments: str, out: list[Event]) -> None:
        call.arguments.append(arguments)
        if call is self._live:
            self._places.argued(arguments)
            out.append(CallPiece(arguments=arguments, place=call.place, choice=self._choice))
        elif call.over:
            raise ValueError(f"the call {call.id!r} goes on after it ended")

    def _promote(self, out: list[Event]) -> None:
        """Let the next call go live, with what came of it so far."""
        if self._live is not None:
            self._live.over = True
        call = self._live = self._waiting.pop(0)
        call.place = self._places.call("call", out)
        call.id = call.id or f"call_{self._answer}_{call.place}"
        out.append(CallStarted(id=call.id, name=call.name, place=call.place, choice=self._choice))
        if arguments := "".join(call.arguments):
            self._places.argued(arguments)
            out.append(CallPiece(arguments=arguments, place=call.place, choice=self._choice))
