"""A request on its way down the stack, and the answer on its way up."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from tulou.chassis.http.request import Header
from tulou.chassis.telemetry.traces import Trace
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.failure import Kind
from tulou.services.gateway.stack.forcing import Forced


class Usage(NamedTuple):
    """Tokens that an answer took."""

    input: int = 0
    output: int = 0


class Tried(NamedTuple):
    """One attempt that failed."""

    replica: str
    outcome: Kind
    took_ms: float
    status: int = 0


class Choice(Protocol):
    """Which replicas a call may go to, best first; each stage may narrow it."""

    def next(self) -> Backend | None:
        """Return the best replica that this call has not tried, or None."""
        ...

    def again(self) -> None:
        """Let the replicas that were tried be chosen once more."""
        ...

    def settle(self, backend: Backend, *, good: bool | None) -> None:
        """Tell how a call to a replica ended; None when that says nothing about the replica."""
        ...


class Call:
    """What stages know of a request; they set what is below the line, each its own."""

    __slots__ = (
        "affinity",
        "attempts",
        "body",
        "choice",
        "due",
        "endpoint",
        "events",
        "forced",
        "grant",
        "model",
        "place",
        "request_id",
        "served_by",
        "started",
        "stream",
        "strip_usage",
        "torn",
        "traceparent",
        "upstream_s",
        "usage",
    )

    def __init__(
        self,
        *,
        endpoint: Endpoint,
        model: str,
        body: bytes,
        stream: bool,
        grant: Grant,
        request_id: str,
        started: float,
    ) -> None:
        self.endpoint: Endpoint = endpoint
        self.model = model
        self.body = body
        self.stream = stream
        self.grant = grant
        self.request_id = request_id
        self.started = started
        self.strip_usage = False
        self.affinity: Callable[[str], str] | None = None
        self.forced: Forced | None = None
        self.traceparent = b""
        self.place: Trace | None = None
        # --
        self.choice: Choice | None = None
        self.due = 0.0
        self.attempts: list[Tried] = []
        self.served_by = model
        self.upstream_s = 0.0
        self.usage: Usage | None = None
        self.events = 0
        self.torn = False


class Body(Protocol):
    """What a stream still brings."""

    async def next(self) -> bytes:
        """Return the next bytes to pass on, nothing at the end; raise `UpstreamError` when the stream breaks."""
        ...

    def close(self) -> None:
        """Stop, if it has not ended: the upstream connection closes at once. Closing twice is no error."""
        ...


class Answer:
    """Status, headers and what is known of the body; `rest` is what a stream still brings."""

    __slots__ = ("backend", "first", "headers", "rest", "status")

    def __init__(
        self, status: int, headers: list[Header], first: bytes, backend: Backend, rest: Body | None = None
    ) -> None:
        self.status = status
        self.headers = headers
        self.first = first
        self.backend = backend
        self.rest = rest

    def close(self) -> None:
        """Let go of the upstream."""
        if self.rest is not None:
            self.rest.close()


class Completions(Protocol):
    """A stage, with all that lies below it."""

    async def __call__(self, call: Call) -> Answer:
        """Answer a call, or raise a `TulouError`."""
        ...
