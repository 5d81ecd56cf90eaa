"""What one call has met so far: whether more attempts make sense, and whose fault its failures were."""

from tulou.contracts.routing.messages import Grant
from tulou.kernel.errors import TulouError
from tulou.services.gateway.refusals import CrashError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.failure import AttemptFailedError

CRASHES = 2
"""So many replicas a request may take down before it is refused."""

INTERNAL = 500
"""The one 5xx that may be a request's; all others tell of a server, or of one behind it, that cannot answer now."""


class AttemptHistory:
    """Made at the first failure of a call."""

    def __init__(self) -> None:
        self._failures: list[tuple[Backend, AttemptFailedError]] = []

    def add(self, backend: Backend, failure: AttemptFailedError) -> None:
        """Note a failure, without the frames that it knows: they and this would hold on to each other."""
        self._failures.append((backend, failure.bare()))

    def over(self) -> bool:
        """Whether a further attempt would do no good: the request has crashed replicas, or fails everywhere alike."""
        return self._crashed() or bool(self._alike())

    def error(self, model: str) -> TulouError:
        """Return what the client is told."""
        if self._crashed():
            return CrashError(
                f"{model!r} could not answer: {CRASHES} replicas lost their connection over this request, and no other "
                "is asked; send it again only if it is changed"
            )
        return self._telling().error(model)

    def _crashed(self) -> bool:
        """Whether so many replicas have lost their connection over this request that a further one is spared it."""
        return len({backend for backend, failure in self._failures if failure.kind == "lost"}) >= CRASHES

    def _alike(self) -> list[Backend]:
        """Return the replicas that have failed with the words of the last failure, if more than one attempt has."""
        _, last = self._failures[-1]
        alike = [one for one, failure in self._failures if failure.status == INTERNAL and failure.said == last.said]
        return alike if last.status == INTERNAL and len(alike) > 1 else []

    def forgive(self, grant: Grant) -> None:
        """Take what several replicas have failed with alike for the request's own fault."""
        alike = set(self._alike())
        for backend in alike if len(alike) > 1 else ():
            backend.circuit.forgiven(grant)

    def blame(self, grant: Grant, *, answered_by: Backend) -> None:
        """Take failures for the replicas' own, since another one has answered the same request well."""
        for backend, failure in self._failures:
            if failure.counts and not failure.own and backend is not answered_by:
                backend.circuit.blamed(grant)

    def _telling(self) -> AttemptFailedError:
        """Return the failure that the client is told of: the last that was the upstream's own word."""
        _, last = self._failures[-1]
        if last.kind == "busy":
            waits = [failure.retry_after_s for _, failure in self._failures if failure.kind == "busy"]
            last.retry_after_s = min((wait for wait in waits if wait is not None), default=None)
        if last.status or last.kind != "credential":
            return last
        return next((failure for _, failure in reversed(self._failures) if failure.status), last)
