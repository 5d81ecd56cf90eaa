"""A place among a replica's calls in flight."""

from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Choice


class BackendLease:
    """Given back once, with how the call went."""

    __slots__ = ("_backend", "_choice", "_grant", "_held")

    def __init__(self, choice: Choice, backend: Backend, grant: Grant) -> None:
        self._choice = choice
        self._grant = grant
        self._backend = backend
        self._held = True
        backend.in_flight += 1

    def end(self, *, good: bool | None, own: bool = False) -> None:
        """Give it back; the first word about how the call went counts. `own`: no request can be at fault."""
        if self._held:
            self._held = False
            self._backend.in_flight -= 1
            self._choice.settle(self._backend, good=good, grant=None if own else self._grant)
