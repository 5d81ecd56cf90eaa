"""One request of a client and its answer: what an ASGI application is called with.

The head of an answer goes out with the first piece of its body, in one write, which saves a system call a request (6 us
of 90). The head of a stream goes out alone if nothing follows at once.
"""

import asyncio
from http import HTTPStatus
from typing import Protocol

import structlog
from starlette.types import ASGIApp, Message, Scope

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

NO_CONTENT = frozenset({204, 304})
HEEDED = (b"content-length", b"transfer-encoding", b"connection")
"""Headers that say how the answer is framed; ASGI has all names in lower case."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PHRASES = {status.value: status.phrase for status in HTTPStatus}
CRASHED = b"the server failed at this request"


def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {PHRASES.get(status, '')}\r\n".encode("ascii")


STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}


HIGH_WATER = 64 * 1024
"""Reading stops when this much of a body waits for the application, or of what is behind a request for its answer."""


class Peer(Protocol):
    """The connection under a cycle, as far as the cycle needs it."""

    transport: asyncio.Transport
    write_paused: bool

    @property
    def date(self) -> bytes:
        """The header that says what time it is, without the end of its line."""
        ...

    async def writable(self) -> None:
        """Wait until the client has read enough of what was written."""
        ...

    def read_on(self) -> None:
        """Go on reading, if that was paused."""
        ...

    def soon(self, call: "Cycle") -> None:
        """Have the cycle flushed in the loop's next turn."""
        ...

    def answered(self) -> None:
        """Turn to the next request: the answer to this one is written."""
        ...

    def done(self, cycle: "Cycle") -> None:
        """Forget the cycle's task: the application has returned."""
        ...


class Cycle:
    """Filled by the connection, answered by the application."""

    __slots__ = (
        "_chunked",
        "_expects",
        "_head",
        "_left",
        "_peer",
        "_pieces",
        "_started",
        "_told",
        "_unframed",
        "_waiter",
        "_whole",
        "calls",
        "ended",
        "gone",
        "held",
        "keep_alive",
        "scope",
        "task",
    )

    def __init__(self, peer: Peer, scope: Scope, *, keep_alive: bool, expects: bool) -> None:
        self.scope = scope
        self.keep_alive = keep_alive
        self.task: asyncio.Task[None] | None = None
        self.gone = self.ended = False
        self.held = 0
        """Bytes of the request's body that nobody has received yet."""
        self.calls = 0
        """How often the application has asked for the body or written: one that works comes back."""
        self._peer = peer
        self._expects = expects
        self._pieces: list[bytes] = []
        self._whole = self._told = self._started = False
        self._waiter: asyncio.Future[None] | None = None
        self._head = b""
        self._chunked: bool | None = None
        self._left = 0
        self._unframed = False  # the end of the connection is the end of the answer

    @property
    def started(self) -> bool:
        """Whether the answer has begun."""
        return self._started

    async def run(self, app: ASGIApp) -> None:
        """Have the application answer; whatever it does, the connection is left usable or closed."""
        try:
            await app(self.scope, self.receive, self.send)
            if not self.ended and not self.gone:
                log.error("answer_not_ended", path=self.scope["path"])
                await self._fail()
        except asyncio.CancelledError:
            self._peer.transport.close()
            raise
        except Exception:
            log.exception("application_crashed", path=self.scope["path"])
            await self._fail()
        finally:
            self._peer.done(self)

    # What the connection tells.

    def feed(self, piece: bytes) -> None:
        """Take a piece of the request's body."""
        self._pieces.append(piece)
        self.held += len(piece)
        self._wake()

    def complete(self) -> None:
        """Note that the request is here to its last byte."""
        self._whole = True
        self._wake()

    def leave(self) -> None:
        """Note that the client is gone."""
        self.gone = True
        self._wake()

    def flush(self) -> None:
        """Send a head whose body takes its time."""
        head, self._head = self._head, b""
        if head and not self.gone:
            self._peer.transport.write(head)

    # What the application is given.

    async def receive(self) -> Message:
        """Return what has come of the body since the last call, waiting for some; one listener at a time."""
        self.calls += 1
        if self._expects and not self._peer.transport.is_closing():
            self._peer.transport.write(CONTINUE)
        self._expects = False
        if not self.gone and not self.ended:
            self._peer.read_on()
            while not self._pieces and (self._told or not self._whole) and not self.gone and not self.ended:
                self._waiter = asyncio.get_running_loop().create_future()
                await self._waiter
        if self.gone or self.ended:
            return {"type": "http.disconnect"}
        body = b"".join(self._pieces)
        self._pieces.clear()
        if self.held > HIGH_WATER:
            self._peer.read_on()  # nobody may ask for more, and then who leaves would not be heard of
        self.held = 0
        self._told = self._whole
        return {"type": "http.request", "body": body, "more_body": not self._whole}

    async def send(self, message: Message) -> None:
        """Take an ASGI message; wait while the client reads slower than we write."""
        self.calls += 1
        if self._peer.write_paused and not self.gone:
            await self._peer.writable()
        if self.gone:
            return
        if not self._started:
            self._start(message)
        elif not self.ended:
            self._body(message)
        else:
            raise RuntimeError(f"{message['type']} was sent after the end of the answer")

    def _start(self, message: Message) -> None:
        if message["type"] != "http.response.start":
            raise RuntimeError(f"the answer begins with {message['type']}, not with http.response.start")
        status: int = message["status"]
        headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
        known = dict(headers)
        for name in HEEDED:
            if name in known:
                self._heed(name, known[name])
        if not self.keep_alive:
            headers.append((b"connection", b"close"))
        if self._chunked is None and self.scope["method"] != "HEAD" and status not in NO_CONTENT:
            self._chunked = self.scope["http_version"] != "1.0"
            self._unframed = not self._chunked  # who speaks 1.0 knows no chunks (RFC 9112, section 6.1)
            if self._chunked:
                headers.append((b"transfer-encoding", b"chunked"))
        lines = b"\r\n".join((self._peer.date, *map(b": ".join, headers)))
        head = STATUS_LINES[status] + lines + b"\r\n\r\n"
        if not head.count(b"\r") == head.count(b"\n") == len(headers) + 3:
            raise RuntimeError("a header of the answer holds a line break")
        self._started = True
        self._expects = False
        self._head = head
        if self._chunked or self._unframed:
            self._peer.soon(self)

    def _heed(self, name: bytes, value: bytes) -> None:
        if name == b"content-length" and self._chunked is None:
            self._left = int(value)
            self._chunked = False
        elif name == b"transfer-encoding" and value.lower() == b"chunked":
            self._left = 0
            self._chunked = True
        elif name == b"connection" and b"close" in value.lower():
            self.keep_alive = False

    def _body(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            raise RuntimeError(f"the answer goes on with {message['type']}, not with http.response.body")
        body: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if self.scope["method"] == "HEAD":
            body, self._left = b"", 0
        elif self._chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        elif not self._unframed:
            self._left -= len(body)
        if self._left < 0 or (self._left and not more):
            raise RuntimeError("the answer's body is not as long as its content-length says")
        head, self._head = self._head, b""
        self._peer.transport.write(head + body if head else body)
        if not more:
            self._end()

    def _end(self) -> None:
        self.ended = True
        self._wake()
        if not self.keep_alive:
            self._peer.transport.close()
        self._peer.answered()

    async def _fail(self) -> None:
        """Answer 500 if nothing has gone out; else only breaking the connection tells that the answer is none."""
        if self._started or self.gone:
            self._peer.transport.close()
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(CRASHED))]
        self.keep_alive = False
        self._chunked, self._left, self._unframed = None, 0, False  # of a head that could not be written
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": CRASHED})

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
