"""Counts what a stream brings while it passes: what the upstream reports, else what was seen of it."""

from collections.abc import Iterable

from tulou.services.gateway.dialects.events import Event, Finished, Miscounted, Started, Used
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call, LostAnswer
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.guess import count, guessed, guessed_input, miscounted
from tulou.services.gateway.usage import Usage, size_of, tokens_in, used

FAILED = 502


class UsageCount:
    """A report holds once the answer has finished; of one that broke off it tells the input alone."""

    __slots__ = ("_finished", "_input", "_said", "_size", "_whole")

    def __init__(self) -> None:
        self._input: int | None = None
        self._size = 0
        self._said: Used | Miscounted | None = None
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
                case Used() | Miscounted():
                    self._said = event
                    self._whole = self._finished
                case _:
                    self._size += size_of(event)

    def note(self, call: Call, *, complete: bool) -> None:
        """Write down what was used: all of it if the answer came to its end."""
        if isinstance(self._said, Used) and (complete or self._whole):
            count(call, used(self._said), self._written)
        elif (seen := self.seen(call)) is not None:
            call.usage, call.counted = seen, "estimate"
        elif complete:
            guessed(call, 0)

    def seen(self, call: Call) -> Usage | None:
        """Return what an answer that broke off has used as far as was seen, None if nothing was."""
        written = self._written()
        if isinstance(self._said, Miscounted):
            miscounted(call, self._said)
        if isinstance(self._said, Used):
            usage = used(self._said)
            return usage._replace(input=usage.input or guessed_input(call), output=max(usage.output, written))
        if self._input or written or self._said is not None:
            return Usage(self._input or guessed_input(call), written)
        return None

    def _written(self) -> int:
        return tokens_in(self._size)


def lost(call: Call, backend: Backend, events: Iterable[Event], failure: AttemptFailedError) -> None:
    """Note what a failed attempt has used, if anything was seen of it."""
    counted = UsageCount()
    counted.see(events)
    usage = counted.seen(call)
    if usage is not None:
        _lose(call, backend, usage, failure)


def spent(call: Call, backend: Backend, failure: AttemptFailedError) -> None:
    """Note that a failed attempt has read the prompt, and what it wrote, unless that was seen and is noted already."""
    if not call.losses or call.losses[-1].attempt <= len(call.attempts):
        _lose(call, backend, Usage(guessed_input(call), call.unread), failure)


def _lose(call: Call, backend: Backend, usage: Usage, failure: AttemptFailedError) -> None:
    number = len(call.attempts) + 1
    call.losses.append(
        LostAnswer(backend, call.served_by, number, usage, "estimate", failure.status or FAILED, failure.kind)
    )
