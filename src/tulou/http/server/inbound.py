"""One connection of a client: what it says is read as requests, an ASGI application answers them, in order.

Requests may be pipelined: what comes behind one that is being answered is held as it came, and reading pauses when that
is much. When a client leaves, the task that serves it is cancelled. Applications rely on this and need not ask
`receive`.
"""

import asyncio
from collections.abc import Sequence
from email.utils import formatdate
from typing import cast
from urllib.parse import unquote

from starlette.types import ASGIApp, Scope

from tulou.http.loop_turns import HEAVY_BYTES, turns_of
from tulou.http.server.cycle import HIGH_WATER, Cycle
from tulou.http.server.guard import GuardLimits, Phase
from tulou.http.server.holders import Holders, heaviest
from tulou.http.server.owned import CONNECTION
from tulou.http.server.parsing import BLANK, RequestReader
from tulou.http.server.patience import Patience
from tulou.http.server.refusal import SILENT, TOO_MANY, RequestRefusedError, render_refusal
from tulou.http.server.target import address_of_socket, split_target
from tulou.kernel.errors import LimitedError

LEFT = "the client left"
"""The message of the cancellation, by which an application may tell it from others."""

ASGI = {"version": "3.0", "spec_version": "2.3"}
QUIET: frozenset[Phase] = frozenset({"idle", "head"})
METHODS = {name.encode("ascii"): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}


class Reception:
    """What all connections of a server share."""

    def __init__(self, app: ASGIApp, limits: GuardLimits) -> None:
        self.app = app
        self.limits = limits
        self.connections: set[Inbound] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.holders = Holders(limits)
        self.date = b""
        self.tick()

    def relieve(self) -> Sequence["Inbound"]:
        """Return the connections to cut, since what clients do not read takes more memory than it may."""
        full = [connection for connection in self.connections if connection.unread]
        gone = heaviest(
            [(connection.owner or connection.holder, connection.unread) for connection in full],
            self.limits.unread_bytes,
        )
        return [full[place] for place in gone]

    def tick(self) -> None:
        """Keep the date true; to be called about once a second."""
        self.date = b"date: %b" % formatdate(usegmt=True).encode("ascii")


class Inbound(RequestReader, asyncio.Protocol):
    """Listens to a reader of requests, and is the peer of the cycles that answer them."""

    transport: asyncio.Transport

    __slots__ = (
        "_answering",
        "_behind",
        "_client",
        "_closing_since",
        "_cycle",
        "_fresh",
        "_last",
        "_limits",
        "_loop",
        "_made_at",
        "_progress",
        "_progress_at",
        "_read_paused",
        "_reception",
        "_refused",
        "_scheme",
        "_sending",
        "_server",
        "_taken",
        "_taking",
        "_unread",
        "_waits",
        "_writable",
        "holder",
        "owner",
        "phase",
        "phase_since",
        "transport",
        "write_paused",
    )

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(head_bytes=reception.limits.head_bytes)
        self.phase: Phase = "head"  # a connection that says nothing is as slow as one that says little
        self.phase_since = self._made_at = loop.time()
        self.write_paused = False
        self.owner = self.holder = ""
        self._reception = reception
        self._limits = reception.limits
        self._loop = loop
        self._refused = False
        self._client: tuple[str, int] | None = None
        self._server: tuple[str, int] | None = None
        self._scheme = "http"
        self._behind = b""
        self._cycle: Cycle | None = None
        """Of the request that came last; it may be answered already, and its body still be on its way."""
        self._answering = False
        self._read_paused = False
        self._waits = False  # for its turn to be read again
        self._writable: asyncio.Future[None] | None = None
        self._sending, self._taking = Patience(), Patience()  # with what the client sends, and with what it takes
        self._fresh = False  # whether a body has just begun, or begun to be read again
        self._unread: int = 0
        self._taken: int = 0
        self._closing_since = -1.0
        self._progress, self._progress_at = (0.0, 0), 0.0  # of the application, when it was looked at last
        self._last = False

    @property
    def date(self) -> bytes:
        """The header that says what time it is, without the end of its line."""
        return self._reception.date

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse the connection when the process holds as many as it may."""
        self.transport = cast("asyncio.Transport", transport)
        self._client = address_of_socket(transport.get_extra_info("peername"))
        self._server = address_of_socket(transport.get_extra_info("sockname"))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._reception.connections.add(self)
        if len(self._reception.connections) > self._limits.connections:
            self._refuse(*TOO_MANY)
            return
        try:
            self.holder = self._reception.holders.arrive(self._client[0] if self._client else "")
        except LimitedError as error:
            self._refuse(error.status, str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """End the work for a client that has left."""
        del exc
        self._reception.connections.discard(self)
        self._reception.holders.leave(self.holder, self.owner)
        self.resume_writing()
        cycle = self._cycle
        if cycle is not None and not cycle.ended:
            cycle.leave()
            if cycle.task is not None:
                cycle.task.cancel(LEFT)
        self._cycle = None  # it knows this connection, too
        self._refused = True
        del self._parser
        self._behind = b""

    def data_received(self, data: bytes) -> None:
        """Read requests up to one that is to be answered first."""
        if self.phase == "answer":
            self._hold(data)
        elif not self._refused:
            self._read(data)
        if len(data) >= HEAVY_BYTES and not self._waits and not self.transport.is_closing():
            self._waits = True
            self.transport.pause_reading()
            turns_of(self._loop).wait(self._go_on)

    def eof_received(self) -> None:
        """Let the transport close: who says no more is not answered any more."""

    def pause_writing(self) -> None:
        """Note since when the client does not read."""
        self.write_paused = True
        self._unread = self.unread
        self._taking.reset()

    def resume_writing(self) -> None:
        """Let answers go on."""
        self.write_paused = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # What the reader calls.

    def begun(self, method: bytes, version: str, *, keep_alive: bool) -> None:
        """Put the application to work."""
        self.phase = "body"
        self.phase_since = self._loop.time()
        self._fresh = True
        raw, query = split_target(self.url, method)
        path = raw.decode("ascii")
        scope: Scope = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "method": METHODS.get(method) or method.decode("ascii"),
            "scheme": self._scheme,
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw,
            "query_string": query,
            "root_path": "",
            "headers": self.headers,
            "client": self._client,
            "server": self._server,
            CONNECTION: self,
        }
        cycle = self._cycle = Cycle(self, scope, keep_alive=keep_alive and not self._last, expects=self.expects)
        self._answering = True
        cycle.task = task = self._loop.create_task(cycle.run(self._reception.app))
        self._reception.tasks.add(task)

    def on_body(self, piece: bytes) -> None:
        """Pass a piece of the body on, if somebody may still want it."""
        self.body_size += len(piece)
        cycle = self._cycle
        if cycle is not None and not cycle.ended:
            cycle.feed(piece)
            if cycle.held > HIGH_WATER:
                self._pause_reading()

    def on_message_complete(self) -> None:
        """Note that the client has said all and now waits for us."""
        if self.declines:
            return
        self._left = self._length = self._unheard = 0
        cycle = self._cycle
        if cycle is None or cycle.ended:
            self._enter("idle")
            if self._last:
                self.transport.close()
        else:
            self.phase = "answer"
            cycle.complete()

    # What applications call.

    def claim(self, owner: str) -> None:
        """Count this connection for its owner from now on; raise `LimitedError` if that one holds too many."""
        try:
            self._reception.holders.own(self.owner, owner)
        except LimitedError:
            if self._cycle is not None:
                self._cycle.keep_alive = False
            raise
        self.owner = owner

    # What cycles call.

    async def writable(self) -> None:
        """Wait until the client has read enough of what was written."""
        while self.write_paused:
            self._writable = self._loop.create_future()
            await self._writable

    def read_on(self) -> None:
        """Go on reading, if that was paused and there is room for what comes."""
        if self._read_paused and len(self._behind) <= HIGH_WATER:
            self._read_paused = False
            if not self._waits:
                self.transport.resume_reading()

    def soon(self, call: Cycle) -> None:
        """Have the cycle flushed in the loop's next turn."""
        self._loop.call_soon(call.flush)

    def answered(self) -> None:
        """Turn to the next request."""
        self._answering = False
        if self.transport.is_closing():
            return
        if self.phase == "body":
            self.drop_rest()
        self._enter("idle" if self.phase == "answer" else self.phase)
        behind, self._behind = self._behind, b""
        self.read_on()
        if behind:
            self._read(behind)

    def done(self, cycle: Cycle) -> None:
        """Forget the task of a cycle."""
        if cycle.task is not None:
            self._reception.tasks.discard(cycle.task)
            cycle.task = None

    # What the server calls.

    @property
    def unread(self) -> int:
        """Bytes that were written and that the client's side has not taken."""
        return self.transport.get_write_buffer_size()

    @property
    def quiet(self) -> bool:
        """Whether nothing is asked on it now."""
        return self.phase in QUIET and self.between

    def finish(self) -> None:
        """Have the next answer whose head goes out be the last, and say so: what was told to go on is not closed."""
        self._last = True
        if self._refused:
            self.transport.close()
        elif self._cycle is not None and not self._cycle.started:
            self._cycle.keep_alive = False

    def shutdown(self) -> None:
        """Close once the request that is being sent or answered is done."""
        self._last = True
        if self._refused or self.quiet:
            self.transport.close()
        elif self._cycle is not None:
            self._cycle.keep_alive = False

    def overdue(self, now: float) -> str:
        """Say which deadline the client or the application has missed, or nothing."""
        if self.transport.is_closing():
            self._closing_since = now if self._closing_since < 0 else self._closing_since
            return "answer" if now - self._closing_since > self._limits.stall_s else ""
        if self.write_paused and self._unread_for_long(now):
            return "answer"
        return self._missed(now)

    def aged(self, now: float) -> bool:
        """Say whether this connection is so old that it is to end with the request that it is at."""
        return not self._last and now - self._made_at > self._limits.connection_s

    def expire(self, which: str) -> None:
        """Close a connection whose client was too slow; say so where an answer is still possible."""
        if which == "answer":
            self.transport.abort()
        elif which == "idle":
            self.transport.close()
        elif which == "handler":
            self._refuse(*SILENT)
        else:
            self._refuse(408, f"the request's {which} did not come in time")

    def _go_on(self) -> None:
        """Read again: it is this connection's turn."""
        self._waits = False
        if not self._read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _missed(self, now: float) -> str:
        passed, limits = now - self.phase_since, self._limits
        match self.phase:
            case "head" if passed > limits.head_s:
                return "head"
            case "idle" if passed > limits.idle_s:
                return "idle"
            case "body" if self._unsent_for_long(now):
                return "body"
            case "body" | "answer" if self._silent_for_long(now):
                return "handler"
            case _:
                return ""

    def _unread_for_long(self, now: float) -> bool:
        left = self.unread
        self._taken += max(0, self._unread - left)
        self._unread = left
        return self._taking.over(now, self._taken, whole_s=self._limits.stall_s, rate=self._limits.rate)

    def _unsent_for_long(self, now: float) -> bool:
        if self._read_paused:
            self._fresh = True  # it is we who are slow
            return False
        if self._fresh:
            self._fresh = False
            self._sending.reset()
        return self._sending.over(now, self.body_size, whole_s=self._limits.body_s, rate=self._limits.rate)

    def _silent_for_long(self, now: float) -> bool:
        """Say whether it is the application that is waited for, and has neither read nor written for too long."""
        waits = not self.write_paused and (self.phase == "answer" or self._read_paused)
        progress = self.phase_since, self._cycle.calls if waits and self._cycle is not None else -1
        if progress != self._progress:
            self._progress, self._progress_at = progress, now
        return waits and now - self._progress_at > self._limits.handler_s

    def _read(self, data: bytes) -> None:
        try:
            at = self.feed_whole(data) if self.phase == "idle" else 0
            while at < len(data):
                if self.phase == "answer":
                    self._hold(data[at:])
                    return
                if self.between:
                    if data[at] in BLANK:  # which may stand between requests (RFC 9112, section 2.2)
                        at = len(data) - len(data[at:].lstrip(BLANK))
                        continue
                    if self.phase != "head":
                        self._enter("head")
                at = self.feed(data, at)
        except RequestRefusedError as error:
            self._refuse(error.status, error.message)

    def _hold(self, data: bytes) -> None:
        """Keep what came behind a request until that is answered."""
        if self._behind or (data := data.lstrip(BLANK)):
            self._behind += data
            if len(self._behind) > HIGH_WATER:
                self._pause_reading()

    def _refuse(self, status: int, message: str) -> None:
        """Answer in place of the application, unless that has begun to, and close."""
        self._refused = True
        cycle = self._cycle if self._answering else None
        if not self.transport.is_closing() and (cycle is None or not cycle.started):
            self.transport.write(render_refusal(status, message))
        self.transport.close()

    def _pause_reading(self) -> None:
        if not self._read_paused:
            self._read_paused = True
            self.transport.pause_reading()

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.phase_since = self._loop.time()
