"""uvicorn's answer to one request, with the head and the first piece of the body in one write.

A system call less for each request: about 6 us of 90. The head of a stream goes out alone if nothing follows at once.
"""

import asyncio
from collections.abc import Callable

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

NO_CONTENT = frozenset({204, 304})
HEEDED = frozenset({b"content-length", b"transfer-encoding", b"connection"})
"""Headers that say how the answer is framed; ASGI has all names in lower case."""


class Bell:
    """`asyncio.Event` for one listener, at a third of its cost; one is made for each request."""

    __slots__ = ("_listener", "_loop", "_rung")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rung = False
        self._listener: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Ring: whoever waits goes on, and whoever comes next need not wait."""
        self._rung = True
        if self._listener is not None and not self._listener.done():
            self._listener.set_result(None)

    def clear(self) -> None:
        """Have the next one wait again."""
        self._rung = False

    async def wait(self) -> None:
        """Wait until it rings, unless it has."""
        while not self._rung:
            self._listener = self._loop.create_future()
            await self._listener


class Cycle(RequestResponseCycle):
    """Made by the protocol for each request."""

    soon: Callable[..., object]
    """The loop's `call_soon`; to ask for the running loop would be a system call."""

    _head = b""

    async def send(self, message: ASGISendEvent) -> None:
        """Take an ASGI message; wait while the client reads slower than we write."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if not self.response_started:
            self._start(message)
        elif not self.response_complete:
            self._body(message)
        else:
            raise RuntimeError(f"{message['type']} was sent after the end of the answer")

    def _start(self, message: ASGISendEvent) -> None:
        if message["type"] != "http.response.start":
            raise RuntimeError(f"the answer begins with {message['type']}, not with http.response.start")
        self.response_started = True
        self.waiting_for_100_continue = False
        headers = [*self.default_headers, *message.get("headers", ())]
        for name, value in headers:
            if name in HEEDED:
                self._heed(name, value)
        if not self.keep_alive:
            headers.append((b"connection", b"close"))
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and message["status"] not in NO_CONTENT:
            self.chunked_encoding = True
            headers.append((b"transfer-encoding", b"chunked"))
        head = STATUS_LINE[message["status"]] + b"\r\n".join(map(b": ".join, headers)) + b"\r\n\r\n"
        if not head.count(b"\r") == head.count(b"\n") == len(headers) + 2:
            raise RuntimeError("a header of the answer holds a line break")
        self._head = head
        if self.chunked_encoding:
            self.soon(self._flush)

    def _heed(self, name: bytes, value: bytes) -> None:
        if name == b"content-length" and self.chunked_encoding is None:
            self.expected_content_length = int(value)
            self.chunked_encoding = False
        elif name == b"transfer-encoding" and value.lower() == b"chunked":
            self.expected_content_length = 0
            self.chunked_encoding = True
        elif name == b"connection" and b"close" in value.lower():
            self.keep_alive = False

    def _body(self, message: ASGISendEvent) -> None:
        if message["type"] != "http.response.body":
            raise RuntimeError(f"the answer goes on with {message['type']}, not with http.response.body")
        body, more = message.get("body", b""), message.get("more_body", False)
        head, self._head = self._head, b""
        if self.scope["method"] == "HEAD":
            body, self.expected_content_length = b"", 0
        elif self.chunked_encoding:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        else:
            self.expected_content_length -= len(body)
        if self.expected_content_length < 0 or (self.expected_content_length and not more):
            raise RuntimeError("the answer's body is not as long as its content-length says")
        self.transport.write(head + body if head else body)
        if not more:
            self._end()

    def _end(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _flush(self) -> None:
        """Send a head whose body takes its time."""
        head, self._head = self._head, b""
        if head and not self.disconnected:
            self.transport.write(head)
