"""A place among a replica's calls in flight."""

from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Choice


class Lease:
    """Given back once, with how the call went."""

    __slots__ = ("_backend", "_choice", "_held")

    def __init__(self, choice: Choice, backend: Backend) -> None:
        self._choice = choice
        self._backend = backend
        self._held = True
        backend.in_flight += 1

    def end(self, *, good: bool | None) -> None:
        """Give it back; the first word about how the call went counts."""
        if self._held:
            self._held = False
            self._backend.in_flight -= 1
            self._choice.settle(self._backend, good=good)
