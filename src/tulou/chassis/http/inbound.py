"""One connection of a client: llhttp parses what it says, an ASGI application answers it, in order.

When a client leaves, the task that serves it is cancelled. Applications rely on this and need not ask `receive`.
"""

import asyncio
from collections import deque
from email.utils import formatdate
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

import httptools
import msgspec
from starlette.types import ASGIApp, Scope

from tulou.chassis.http.cycle import Cycle
from tulou.chassis.http.guard import GuardLimits, Phase

LEFT = "the client left"
"""The message of the cancellation, by which an application may tell it from others."""

HIGH_WATER = 64 * 1024
"""Reading stops when this much of a body waits for the application."""

ASGI = {"version": "3.0", "spec_version": "2.3"}
METHODS = {name.encode("ascii"): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}

Refusal = tuple[int, str]
MALFORMED: Refusal = (400, "the request is not HTTP/1.1")
HEAD_TOO_LARGE: Refusal = (431, "the request's head is too large")
TOO_MANY: Refusal = (503, "too many connections are open; try again in a moment")


class Reception:
    """What all connections of a server share."""

    def __init__(self, app: ASGIApp, limits: GuardLimits) -> None:
        self.app = app
        self.limits = limits
        self.connections: set[Inbound] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.date = b""
        self.tick()

    def tick(self) -> None:
        """Keep the date true; to be called about once a second."""
        self.date = b"date: %b" % formatdate(usegmt=True).encode("ascii")


class Inbound(asyncio.Protocol):
    """Requests may be pipelined: the one that is parsed can be another than the one that is answered."""

    transport: asyncio.Transport

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        self.phase: Phase = "head"  # a connection that says nothing is as slow as one that says little
        self.phase_since = loop.time()
        self.write_paused = False
        self._reception = reception
        self._limits = reception.limits
        self._loop = loop
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        # what follows a request that asks for the connection's end is ignored, not an error
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._client: tuple[str, int] | None = None
        self._server: tuple[str, int] | None = None
        self._scheme = "http"
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._expects = False
        self._head_size = self._body_size = 0
        self._parsed: Cycle | None = None
        self._answering: Cycle | None = None
        self._waiting: deque[Cycle] = deque()
        self._read_paused = False
        self._writable: asyncio.Future[None] | None = None
        self._stalled_since = 0.0
        self._last = False
        self._refusal = MALFORMED

    @property
    def date(self) -> bytes:
        """The header that says what time it is, without the end of its line."""
        return self._reception.date

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse the connection when the process holds as many as it may."""
        self.transport = cast("asyncio.Transport", transport)
        self._client = _address(transport.get_extra_info("peername"))
        self._server = _address(transport.get_extra_info("sockname"))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._reception.connections.add(self)
        if len(self._reception.connections) > self._limits.connections:
            self._refuse(*TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the work for a client that has left."""
        del exc
        self._reception.connections.discard(self)
        self.resume_writing()
        for cycle in (self._answering, *self._waiting, self._parsed):
            if cycle is not None and not cycle.ended:
                cycle.leave()
                if cycle.task is not None:
                    cycle.task.cancel(LEFT)
        self._waiting.clear()
        self._answering = self._parsed = self._parser = None  # they know this connection, too

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head before it is parsed into memory that has no other bound."""
        if self._parser is None:
            return
        if self.phase == "idle":
            self._enter("head")
            self._head_size = 0
        if self.phase == "head":
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return  # an offer to speak another protocol, which a server may ignore
        except httptools.HttpParserError:
            self._refuse(*self._refusal)
        else:
            if self.phase == "head" and self._head_size > self._limits.head_bytes:
                self._refuse(*HEAD_TOO_LARGE)

    def eof_received(self) -> None:
        """Let the transport close: who says no more is not answered any more."""

    def pause_writing(self) -> None:
        """Note since when the client does not read."""
        self.write_paused = True
        self._stalled_since = self._loop.time()

    def resume_writing(self) -> None:
        """Let answers go on."""
        self.write_paused = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Start over."""
        self._url = b""
        self._headers = []
        self._expects = False
        self._body_size = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, in lower case."""
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Go on to the body, and to work."""
        if self._head_size > self._limits.head_bytes:
            self._weigh_head()
        self._enter("body")
        parser = cast("httptools.HttpRequestParser", self._parser)
        version = parser.get_http_version()
        keep_alive = version != "1.0" and not self._last and parser.should_keep_alive()
        scope = self._scope(version, parser.get_method())
        cycle = self._parsed = Cycle(self, scope, keep_alive=keep_alive, expects=self._expects)
        if self._answering is None:
            self._answer(cycle)
        else:
            self._pause_reading()
            self._waiting.append(cycle)

    def on_body(self, body: bytes) -> None:
        """Pass a piece of the body on, if somebody may still want it."""
        self._body_size += len(body)
        cycle = self._parsed
        if cycle is not None and not cycle.ended:
            cycle.feed(body)
            if cycle.held > HIGH_WATER:
                self._pause_reading()

    def on_message_complete(self) -> None:
        """Note that the client has said all and now waits for us."""
        cycle = self._parsed
        if cycle is None or cycle.ended:
            self._enter("idle")
            if self._last:
                self.transport.close()
        else:
            self.phase = "answer"
            cycle.complete()

    # What cycles call.

    async def writable(self) -> None:
        """Wait until the client has read enough of what was written."""
        while self.write_paused:
            self._writable = self._loop.create_future()
            await self._writable

    def read_on(self) -> None:
        """Go on reading, if that was paused."""
        if self._read_paused:
            self._read_paused = False
            self.transport.resume_reading()

    def soon(self, call: Cycle) -> None:
        """Have the cycle flushed in the loop's next turn."""
        self._loop.call_soon(call.flush)

    def answered(self) -> None:
        """Turn to the next request."""
        self._answering = None
        if self.transport.is_closing():
            return
        self.read_on()
        self._enter("idle" if self.phase == "answer" else self.phase)
        if self._waiting:
            self.phase = "answer"
            self._answer(self._waiting.popleft())

    def done(self, cycle: Cycle) -> None:
        """Forget the task of a cycle."""
        if cycle.task is not None:
            self._reception.tasks.discard(cycle.task)
            cycle.task = None

    # What the server calls.

    def shutdown(self) -> None:
        """Close once the request that is being sent or answered is done."""
        self._last = True
        if self.phase == "idle" or (self.phase == "head" and not self._head_size):
            self.transport.close()
        elif self._parsed is not None:
            self._parsed.keep_alive = False

    def overdue(self, now: float) -> str:
        """Say which deadline the client has missed, or nothing."""
        passed, limits = now - self.phase_since, self._limits
        match self.phase:
            case "head" if passed > limits.head_s:
                return "head"
            case "idle" if passed > limits.idle_s:
                return "idle"
            case "answer" if self.write_paused and now - self._stalled_since > limits.stall_s:
                return "answer"
            case "body" if passed > limits.body_s + self._body_size / limits.body_rate:
                return "" if self._read_paused else "body"
            case _:
                return ""

    def expire(self, which: str) -> None:
        """Close a connection whose client was too slow; say so where an answer is still possible."""
        if which == "answer":
            self.transport.abort()
        elif which == "idle":
            self.transport.close()
        else:
            self._refuse(408, f"the request's {which} did not come in time")

    def _weigh_head(self) -> None:
        """Stop the parser at a head that is too large without the part of the body that came along."""
        size = len(self._url) + sum(len(name) + len(value) for name, value in self._headers)
        if size > self._limits.head_bytes:
            self._refusal = HEAD_TOO_LARGE
            raise ValueError(HEAD_TOO_LARGE)

    def _scope(self, version: str, method: bytes) -> Scope:
        raw, query = _target(self._url)
        path = raw.decode("ascii")
        return {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "method": METHODS.get(method) or method.decode("ascii"),
            "scheme": self._scheme,
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw,
            "query_string": query,
            "root_path": "",
            "headers": self._headers,
            "client": self._client,
            "server": self._server,
        }

    def _answer(self, cycle: Cycle) -> None:
        self._answering = cycle
        cycle.task = self._loop.create_task(cycle.run(self._reception.app))
        self._reception.tasks.add(cycle.task)

    def _refuse(self, status: int, message: str) -> None:
        """Answer in place of the application, unless that has begun to, and close."""
        body = msgspec.json.encode({"error": {"message": message, "type": "invalid_request_error", "param": None}})
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        tail = f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        if not self.transport.is_closing() and (self._answering is None or not self._answering.started):
            self.transport.write((head + tail).encode() + body)
        self.transport.close()

    def _pause_reading(self) -> None:
        if not self._read_paused:
            self._read_paused = True
            self.transport.pause_reading()

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.phase_since = self._loop.time()


def _target(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of a request's target; raise `HttpParserInvalidURLError` for one that is none."""
    if url.startswith(b"/") and b"?" not in url and b"#" not in url:
        return url, b""
    parsed = httptools.parse_url(url)
    return parsed.path, parsed.query or b""


def _address(name: object) -> tuple[str, int] | None:
    """Return host and port; a Unix socket has none."""
    if not isinstance(name, tuple):
        return None
    host, port, *_ = cast("tuple[str, int]", name)
    return host, port
