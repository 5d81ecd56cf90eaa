"""One request and its answer, as it arrives."""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import Protocol

from tulou.chassis.http.errors import Deadline, HttpError, LateError, OversizeError
from tulou.chassis.http.request import Header, HttpRequest
from tulou.chassis.http.unpacking import Unpacker

BUFFER_BYTES = 64 * 1024
"""Reading stops when this much of an answer waits for its taker."""


NOTED = frozenset({b"content-encoding", b"x-tulou-dropped"})
"""Headers that few answers have, and that change what they mean."""

SMALL_BYTES = 128 * 1024
"""An answer that is read whole is small up to here; whoever reads it may be asked before more of it is."""


class ExchangeDeadlines(Protocol):
    """How long each part may take, in seconds."""

    @property
    def connect_s(self) -> float:
        """Until a connection stands."""
        ...

    @property
    def first_byte_s(self) -> float:
        """From the request until the first byte of its answer."""
        ...

    @property
    def idle_s(self) -> float:
        """Between two pieces of the answer."""
        ...

    @property
    def total_s(self) -> float:
        """For all of it."""
        ...


class ExchangeConnection(Protocol):
    """The connection under an exchange, as far as the exchange needs it."""

    def hold(self) -> None:
        """Stop reading."""
        ...

    def resume(self) -> None:
        """Go on reading."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Exchange:
    """Filled by a connection, emptied by a caller, who must `close` it however it ends.

    `noted` says that it has one of the headers `NOTED`, so that most need not be looked through.
    """

    status = 0
    complete = held = received = noted = False
    error: HttpError | None = None
    upload: asyncio.Task[None] | None = None
    unpacker: Unpacker | None = None
    which: Deadline = "first byte"
    _size = 0
    _waiter: asyncio.Future[None] | None = None

    def __init__(
        self,
        request: HttpRequest,
        line: ExchangeConnection,
        loop: asyncio.AbstractEventLoop,
        deadlines: ExchangeDeadlines,
    ) -> None:
        now = loop.time()
        self.bodiless = request.bodiless  # of the request no more: its body may be large
        self.headers: list[Header] = []
        self.idle_s = deadlines.idle_s
        self.due = now + deadlines.first_byte_s
        self.total_due = now + deadlines.total_s
        self.line = line
        self._loop = loop
        self._chunks: list[bytes] = []

    def header(self, name: bytes) -> bytes:
        """Return the first header of this name, in lower case, or nothing."""
        for key, value in self.headers:
            if key == name:
                return value
        return b""

    async def head(self) -> "Exchange":
        """Return this exchange once status and headers are there; one that fails, or that nobody gets, is closed."""
        try:
            while not self.status and self.error is None:
                await self._news()
        except BaseException:  # they may have come at the very moment at which the caller gave up
            self.close()
            raise
        if not self.status and self.error is not None:
            self.close()
            raise self.error
        return self

    async def chunk(self) -> bytes:
        """Return what has arrived since the last call, waiting for some; nothing at the end."""
        chunks, unpacker = self._chunks, self.unpacker
        while True:
            if unpacker is not None and (piece := unpacker.next()):
                return piece
            while not chunks:
                if self.complete:
                    if unpacker is not None:
                        unpacker.end()
                    return b""
                if self.error is not None:
                    raise self.error
                await self._news()
            data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            chunks.clear()
            self._size = 0
            if self.held:
                self._release()
            if unpacker is None:
                return data
            unpacker.feed(data)

    @property
    def withheld(self) -> int:
        """How many events of a stream have come that its taker was not given yet."""
        return 0

    def unpack(self) -> None:
        """Unpack what comes from now on; whoever takes it is told nothing of how it came."""
        self.unpacker = Unpacker()
        self.headers = [pair for pair in self.headers if pair[0] not in (b"content-encoding", b"content-length")]

    async def read(self, *, at_most: int, large: Callable[[], Awaitable[None]] | None = None) -> bytes:
        """Return the whole body; raise `OversizeError` when it is larger than `at_most` bytes.

        `large` is awaited before more than little of it is read.
        """
        body = await self.chunk()
        if self.complete and not self._chunks and self.unpacker is None and len(body) <= at_most:
            return body
        pieces, size = [body], len(body)
        while size <= at_most:
            if large is not None and size > SMALL_BYTES:
                await large()
                large = None
            if not (piece := await self.chunk()):
                break
            pieces.append(piece)
            size += len(piece)
        if size > at_most:
            raise OversizeError(f"the answer is larger than {at_most} bytes")
        return b"".join(pieces)

    def put_back(self, data: bytes) -> None:
        """Let what was read be read once more, as all there is; the rest is given up."""
        self.close()
        self.unpacker = None
        self._chunks = [data] if data else []

    def close(self) -> None:
        """Give up what has not been read; the connection is closed with it."""
        if self.upload is not None:
            self.upload.cancel()
        if not self.complete:
            self.complete = True
            self.line.abort()

    def feed(self, data: bytes) -> None:
        """Add a piece of the body."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size >= BUFFER_BYTES and not self.held:
            self.held = True
            self.due = inf
            self.line.hold()
        self.wake()

    def fail(self, error: HttpError) -> None:
        """End the exchange with an error, which is raised once all that arrived has been read."""
        if not self.complete and self.error is None:
            self.error = error
            self.wake()

    def wake(self) -> None:
        """Let the taker look again."""
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def overdue(self, now: float) -> LateError | None:
        """Return the error of the deadline that has passed, if one has."""
        if now > self.total_due:
            return LateError("the total deadline passed before the answer was complete", which="total")
        if now > self.due:
            return LateError(f"the {self.which} deadline passed", which=self.which)
        return None

    def _news(self) -> asyncio.Future[None]:
        self._waiter = self._loop.create_future()
        return self._waiter

    def _release(self) -> None:
        self.held = False
        self.due = self._loop.time() + self.idle_s
        if not self.complete:
            self.line.resume()
