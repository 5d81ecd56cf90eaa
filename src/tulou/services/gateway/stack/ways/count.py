"""Counts what a stream brings while it passes: what the upstream reports, else what was seen of it."""

from collections.abc import Iterable

from tulou.services.gateway.dialects.events import Event, Finished, Started, Used
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call, Loss
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.guess import guessed_input
from tulou.services.gateway.usage import Usage, size_of, tokens_in, used

FAILED = 502


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
        if self._used is not None and (complete or self._whole):
            call.usage, call.counted = used(self._used), "reported"
        elif (seen := self.seen()) is not None:
            call.usage, call.counted = seen, "estimate"
            if self._input is None and self._used is None:
                call.usage = seen._replace(input=guessed_input(call))

    def seen(self) -> Usage | None:
        """Return what an answer that broke off has used as far as was seen, None if nothing was."""
        written = tokens_in(self._size)
        if self._used is not None:
            usage = used(self._used)
            return usage._replace(output=max(usage.output, written))
        return Usage(self._input or 0, written) if self._input or written else None


def lost(call: Call, backend: Backend, events: Iterable[Event], failure: AttemptFailedError) -> None:
    """Note what a failed attempt has used, if anything was seen of it."""
    count = Count()
    count.see(events)
    usage = count.seen()
    if usage is not None:
        _lose(call, backend, usage, failure)


def spent(call: Call, backend: Backend, failure: AttemptFailedError) -> None:
    """Note that a failed attempt has read the prompt, unless more was seen of it and is noted already."""
    if not call.losses or call.losses[-1].attempt <= len(call.attempts):
        _lose(call, backend, Usage(guessed_input(call), 0), failure)


def _lose(call: Call, backend: Backend, usage: Usage, failure: AttemptFailedError) -> None:
    number = len(call.attempts) + 1
    call.losses.append(Loss(backend, call.served_by, number, usage, "estimate", failure.status or FAILED, failure.kind))
