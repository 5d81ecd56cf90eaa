"""uvicorn's HTTP protocol with what a public gate needs: deadlines and caps for what clients send, and cancellation.

* A request's head must be complete within `head_s`, its body must keep coming (`body_rate` bytes a second after a
  grace of `body_s`), its answer must be read (`stall_s` without a byte taken is too long), and an idle connection is
  closed after `idle_s`: all looked at by one timer a process.
* When a client leaves, the task that serves it is cancelled. Applications rely on this and need not ask `receive`.
"""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, cast
from urllib.parse import unquote

import httptools
import msgspec
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from tulou.chassis.http.cycle import Bell, Cycle

LEFT = "the client left"
"""The message of the cancellation, by which an application may tell it from others."""

Phase = Literal["idle", "head", "body", "answer"]


MALFORMED = (400, "the request is not HTTP/1.1")
HEAD_TOO_LARGE = (431, "the request's head is too large")
TOO_MANY = (503, "too many connections are open; try again in a moment")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """Times in seconds; `head_bytes` caps request line and headers, `connections` what one process holds open."""

    head_s: float = 10.0
    body_s: float = 20.0
    body_rate: float = 4096.0
    idle_s: float = 75.0
    stall_s: float = 60.0
    head_bytes: int = 64 * 1024
    connections: int = 8192


class GuardedProtocol(HttpToolsProtocol):
    """One connection of a client; `limits` is set on a subclass by `serve`."""

    limits = GuardLimits()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.phase: Phase = "head"  # a connection that says nothing is as slow as one that says little
        self.phase_since = self.loop.time()
        self._head_size = 0
        self._body_size = 0
        self._stalled_since = 0.0
        self._last = False
        self._refusal = MALFORMED
        self._serving: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse the connection when the process holds as many as it may."""
        super().connection_made(cast("asyncio.Transport", transport))
        if len(self.connections) > self.limits.connections:
            self._refuse(*TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the work for a client that has left."""
        unanswered = self._current is not None
        super().connection_lost(exc)
        if unanswered and self._serving is not None:
            self._serving.cancel(LEFT)
        self.pipeline.clear()

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head before it is parsed into memory that has no other bound."""
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
            if self.phase == "head" and self._head_size > self.limits.head_bytes:
                self._refuse(*HEAD_TOO_LARGE)

    def shutdown(self) -> None:
        """Close once the request that is being sent or answered is done."""
        self._last = True
        if self.phase == "idle" or (self.phase == "head" and not self._head_size):
            self.transport.close()
        elif (cycle := self._current) is not None:
            cycle.keep_alive = False

    def on_message_begin(self) -> None:
        """Start over with the counts."""
        super().on_message_begin()
        self._body_size = 0

    def on_headers_complete(self) -> None:
        """Go on to the body, and to work."""
        cap = self.limits.head_bytes
        if self._head_size > cap and sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > cap:
            self._refusal = HEAD_TOO_LARGE
            raise ValueError(HEAD_TOO_LARGE)
        self._enter("body")
        version = self._parser.get_http_version()
        self.scope["method"] = self._parser.get_method().decode("ascii")
        raw, query = _target(self.url)
        path = raw.decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = unquote(path) if "%" in path else path
        self.scope["raw_path"] = raw
        self.scope["query_string"] = query
        existing = self._current
        self.cycle = cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=cast("asyncio.Event", Bell(self.loop)),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and not self._last and self._parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        cycle.soon = self.loop.call_soon
        app = cast("ASGI3Application", self.app)  # pyright: ignore[reportUnknownMemberType] - uvicorn's is untyped
        if existing is None:
            self._start_asgi_task(cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))

    def on_body(self, body: bytes) -> None:
        """Count, so that the rate is known."""
        self._body_size += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the client has said all and now waits for us."""
        super().on_message_complete()
        if self._current is None:
            self._enter("idle")
        else:
            self.phase = "answer"

    def on_response_complete(self) -> None:
        """Wait for the next request; `overdue` replaces uvicorn's timer for each connection."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._enter("idle" if self.phase == "answer" else self.phase)
        if self.pipeline:
            self.phase = "answer"
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """Note since when the client does not read."""
        self._stalled_since = self.loop.time()
        super().pause_writing()

    def overdue(self, now: float) -> str:
        """Say which deadline the client has missed, or nothing."""
        passed = now - self.phase_since
        match self.phase:
            case "head" if passed > self.limits.head_s:
                return "head"
            case "idle" if passed > self.limits.idle_s:
                return "idle"
            case "answer" if self.flow.write_paused and now - self._stalled_since > self.limits.stall_s:
                return "answer"
            case "body" if passed > self.limits.body_s + self._body_size / self.limits.body_rate:
                return "" if self.flow.read_paused else "body"
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

    @property
    def _parser(self) -> httptools.HttpRequestParser:
        return cast("httptools.HttpRequestParser", self.parser)

    @property
    def _current(self) -> RequestResponseCycle | None:
        """The request that is being answered."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return None if cycle is None or cycle.response_complete else cycle

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        task = self._serving = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _refuse(self, status: int, message: str) -> None:
        """Answer in place of the application, unless that has begun to, and close."""
        cycle = self._current
        body = msgspec.json.encode({"error": {"message": message, "type": "invalid_request_error", "param": None}})
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        tail = f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        if not self.transport.is_closing() and (cycle is None or not cycle.response_started):
            self.transport.write((head + tail).encode() + body)
        self.transport.close()

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.phase_since = self.loop.time()


def _target(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of a request's target; raise `HttpParserInvalidURLError` for one that is none."""
    if url.startswith(b"/") and b"?" not in url and b"#" not in url:
        return url, b""
    parsed = httptools.parse_url(url)
    return parsed.path, parsed.query or b""
