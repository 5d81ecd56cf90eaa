"""A request on its way down the stack, and the answer on its way up."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from tulou.chassis.http.request import Header
from tulou.chassis.telemetry.traces import Trace
from tulou.contracts.metering.messages import Amounts, Counted
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.kernel.errors import TulouError
from tulou.services.gateway.dialects.dialect import ClientDialect, Dropped
from tulou.services.gateway.dialects.prompt import Prompt
from tulou.services.gateway.refusals import WrongEndpointError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.credentials import UpstreamCredential
from tulou.services.gateway.stack.failure import Kind
from tulou.services.gateway.stack.forcing import ForcedTools
from tulou.services.gateway.usage import Usage


class LostAnswer(NamedTuple):
    """An attempt that used something upstream and whose answer nobody got."""

    backend: Backend
    served_by: str
    attempt: int
    usage: Usage
    counted: Counted
    status: int
    code: str


class Reservation(Protocol):
    """What the quota stage has set aside for a call."""

    def settle(self, units: Amounts, cost: int) -> None:
        """Take what was used, `cost` in millionths, and give the rest back; called exactly once, however it ended."""
        ...

    def release(self) -> None:
        """Give everything back, in place of `settle`: nothing was done for the call."""
        ...


class MemoryHolding(Protocol):
    """What a large answer, or question, holds of the process's memory."""

    def close(self) -> None:
        """Give it back; twice is no error."""
        ...


class FailedAttempt(NamedTuple):
    """One attempt that failed; `said` are the upstream's message and code, bounded, where it had some.

    `code` is how the upstream called it, and `message` what it said, which is empty of a credential.
    """

    replica: str
    outcome: Kind
    took_ms: float
    status: int = 0
    said: str = ""
    code: str = ""
    message: str = ""


class Choice(Protocol):
    """Which replicas a call may go to, best first; each stage may narrow it.

    It belongs to one call and does not hold on to it: the two in a circle would wait for the collector.
    """

    def next(self, call: "Call") -> Backend | None:
        """Return the best replica that the call has not tried, or None."""
        ...

    def again(self) -> None:
        """Let the replicas that were tried be chosen once more."""
        ...

    def settle(self, backend: Backend, *, good: bool | None, grant: Grant | None = None) -> None:
        """Tell how a call to a replica ended; None when that says nothing about the replica.

        `grant` is whose request failed, where it may be the request's fault.
        """
        ...


class Call:
    """What stages know of a request; they set what is below the line, each its own.

    `allowed` are the tokens of output that the client allows for each of the `answers` it wants; None: it does not say.
    `turns` are the messages that it brings; `custom_tools`: some of its tools take a text as it is.
    `headers` go out with whatever answers the call, refusals too; `passed` are header lines of the client that replicas
    of its own dialect get. `usage` holds once `counted` says who counted. `tried` is the replica called last, `proof`
    the credential that was shown to it, `refused` those that this call cannot be made with; `broken` is what an
    upstream said when it broke a stream off with an event of its own. `series` is what metrics count it by, which a
    client cannot make up. `room` is what a large answer holds of the process's memory, `question` what was said before
    the request. `guessed_input` are the tokens of a question that was let go of, estimated before. `cap` are the tokens
    of output that were set aside for each answer of a client that does not say how many; None: nothing counts them.
    `sent`: `tried` was asked, or is being asked. `unread` are the tokens of output, by its size, of a large answer of
    that, as long as nobody has counted it.
    """

    traceparent = b""
    strip_usage = batch = custom_tools = False
    address = answer_id = previous = path = ""
    passed = b""
    client: ClientDialect | None = None
    affinity: Callable[[str], str] | None = None
    forced: ForcedTools | None = None
    allowed: int | None = None
    answers = 1
    turns = 0
    place: Trace | None = None
    # --
    choice: Choice | None = None
    due = upstream_s = 0.0
    unread = 0
    usage: Usage | None = None
    events = 0
    torn = sent = False
    broken = ""
    tried: Backend | None = None
    proof: UpstreamCredential | None = None
    refused: tuple[UpstreamCredential, ...] = ()
    counted: Counted = "none"
    dropped: tuple[Dropped, ...] = ()
    reservation: Reservation | None = None
    cap: int | None = None
    room: MemoryHolding | None = None
    question: MemoryHolding | None = None
    guessed_input: int | None = None
    _prompt: Prompt | None = None

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
        self.served_by = self.series = model
        self.attempts: list[FailedAttempt] = []
        self.losses: list[LostAnswer] = []
        self.headers: list[Header] = []

    def become(self, other: "Call") -> None:
        """Be one with a copy of this call from now on: what is noted in either, both know."""
        self.__dict__ = other.__dict__

    def leave_room(self) -> None:
        """Give back what an answer holds of the memory."""
        if self.room is not None:
            self.room.close()
            self.room = None

    def answered(self) -> None:
        """Let go of what was asked: the answer is there as it goes out, and nobody else is asked any more."""
        self.body, self._prompt = b"", None

    @property
    def is_read(self) -> bool:
        """Whether what is asked has been read already."""
        return self._prompt is not None

    @property
    def prompt(self) -> Prompt:
        """Return what is asked, read once; raise `InvalidError` for what the client's dialect does not allow."""
        if self._prompt is None:
            if self.client is None:
                raise WrongEndpointError(f"{self.endpoint} cannot be said in another dialect; its body goes as it is")
            self._prompt = self.client.read_request(self.body)
        return self._prompt


class Body(Protocol):
    """What a stream still brings; `ended` is true once the bytes returned last end the answer, or nothing follows.

    `torn` says that the bytes returned last end within an event, so that nothing else may go out before its rest.
    """

    ended: bool

    @property
    def torn(self) -> bool:
        """Whether the bytes returned last end within an event."""
        ...

    async def next(self) -> bytes:
        """Return the next bytes to pass on, nothing at the end; raise `UpstreamError` when the stream breaks."""
        ...

    def broken(self, error: TulouError) -> bytes | None:
        """Return the frame that tells an error in the middle of this stream, None where the gate's own will do."""
        ...

    def close(self) -> None:
        """Stop, if it has not ended: the upstream connection closes at once. Closing twice is no error."""
        ...


class Answer:
    """Status, headers and body; `first` is all of it, or of a stream the first events, and `rest` what it still brings.

    A stage changes status and headers in place, and the body with an `AnswerWrapper`. `backend` is the replica that
    answered; None: a stage did without any.
    """

    __slots__ = ("backend", "first", "headers", "rest", "status")

    def __init__(
        self,
        status: int,
        headers: list[Header],
        first: bytes,
        backend: Backend | None = None,
        rest: Body | None = None,
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


class Stage(Protocol):
    """A stage, with all that lies below it."""

    async def __call__(self, call: Call) -> Answer:
        """Answer a call, or raise a `TulouError`."""
        ...
