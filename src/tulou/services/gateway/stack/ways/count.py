"""Counts what a stream brings while it passes: what the upstream reports, else what was seen of it."""

from collections.abc import Iterable

from tulou.services.gateway.dialects.events import Event, Finished, Started, Used
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.usage import Usage, tokens_in, used
from tulou.services.gateway.stack.ways.guess import guessed_input
from tulou.services.gateway.stack.ways.judged import size_of


class Count:
    """A report holds once the answer has finished; of one that broke off it tells the input alone."""

    __slots__ = ("_finished", "_input", "_size", "_used", "_whole")

    def __init__(self) -> None:
        self._input: int | None = None
        self._size = 0
        self._used: Used | None = None
        self._finished = False
        self._whole = False

    def see(self, events: Iterable[Event]) -> None:
        """Take events in."""
        for event in events:
            match event:
                case Started(input_tokens=tokens) if tokens is not None:
                    self._input = tokens
                case Finished():
                    self._finished = True
                case Used():
                    self._used = event
                    self._whole = self._finished
                case _:
                    self._size += size_of(event)

    def note(self, call: Call, *, complete: bool) -> None:
        """Write down what was used: all of it if the answer came to its end."""
        reported = self._used
        if reported is not None and (complete or self._whole):
            call.usage, call.counted = used(reported), "reported"
        elif reported is not None:
            usage = used(reported)
            call.usage = usage._replace(output=max(usage.output, tokens_in(self._size)))
            call.counted = "estimate"
        elif self._size or self._input:
            read = guessed_input(call) if self._input is None else self._input
            call.usage, call.counted = Usage(read, tokens_in(self._size)), "estimate"
