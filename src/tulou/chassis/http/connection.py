"""One connection to an upstream: a protocol that carries exchanges, one after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol, cast

import httptools

from tulou.chassis.http.errors import BrokenError, HttpError, OversizeError
from tulou.chassis.http.exchange import NOTED, Exchange, ExchangeDeadlines
from tulou.chassis.http.request import HttpRequest
from tulou.http.loop_turns import HEAVY_BYTES, turns_of
from tulou.http.slow_reads import SlowReadGuard

HEAD_BYTES = 64 * 1024
"""An answer's status line and headers may be this large together."""

FEW = 100
"""Headers of an answer that may come in one read without being weighed: reads are bounded, too."""

LARGE = 64 * 1024
"""Bytes of a body that are sent behind the head, not with it in one piece."""

HEEDED = frozenset({b"content-length", b"transfer-encoding", *NOTED})
INFORMATIONAL = 200
SWITCHING = 101


class ConnectionHome(Protocol):
    """The pool that a connection belongs to."""

    def give(self, connection: "Connection") -> None:
        """Take back a connection that is free for the next exchange."""
        ...

    def lost(self, connection: "Connection") -> None:
        """Forget a connection that has ended."""
        ...


class Connection(asyncio.Protocol):
    """Busy while it has an exchange; goes home when the answer is complete and the upstream keeps it open."""

    def __init__(self, home: ConnectionHome, loop: asyncio.AbstractEventLoop) -> None:
        self.exchange: Exchange | None = None
        self.idle_since = 0.0
        self._home = home
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self._framed = False
        self._writable: asyncio.Future[None] | None = None
        self._write_paused = False
        self._aborted = False
        self._waits = False  # for its turn to be read again
        self._sips = False  # since much has come at once

    @property
    def usable(self) -> bool:
        """Whether it can carry another exchange."""
        return self._transport is not None and not self._transport.is_closing()

    def begin(self, request: HttpRequest, deadlines: ExchangeDeadlines) -> Exchange:
        """Send a request; its exchange fills as the answer arrives."""
        transport = cast("asyncio.Transport", self._transport)
        exchange = self.exchange = Exchange(request, self, self._loop, deadlines)
        self._head_bytes = 0
        self._framed = False
        body = request.body
        if isinstance(body, bytes):
            if len(body) > LARGE:  # no copy of it
                transport.write(request.head)
                transport.write(body)
            else:
                transport.write(request.head + body if body else request.head)
        else:
            transport.write(request.head)
            exchange.upload = self._loop.create_task(self._upload(exchange, body, chunked=request.chunked))
        return exchange

    def hold(self) -> None:
        """Stop reading, so that the upstream slows down."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Go on reading, perhaps when its turn has come."""
        if self._transport is not None and not self._waits and not self._transport.is_closing():
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close at once; what was not read or written is lost."""
        self.exchange = None
        self._aborted = True
        if self._transport is not None:
            self._transport.abort()

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, unless nobody waits for it any more."""
        self._transport = cast("asyncio.Transport", transport)
        if self._aborted:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; bytes that nobody asked for end the connection."""
        exchange = self.exchange
        if exchange is None:
            self.abort()
            return
        exchange.received = True
        if not exchange.held:
            exchange.due = self._loop.time() + exchange.idle_s
            exchange.which = "idle"
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(exchange, _fault(error))
            return
        if not exchange.status:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._fail(exchange, OversizeError(f"the answer's head is larger than {HEAD_BYTES} bytes"))
                return
        if len(data) >= HEAVY_BYTES and not self._waits:
            self._wait_for_turn()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange; an answer without a stated length is complete now."""
        exchange, self.exchange = self.exchange, None
        self.resume_writing()
        self._home.lost(self)
        if exchange is None:
            return
        if exchange.status and not self._framed and exc is None:
            exchange.complete = True
            exchange.wake()
            return
        where = "in the middle of its answer" if exchange.received else "before it answered"
        error = BrokenError(f"the upstream closed the connection {where}", unanswered=not exchange.received)
        exchange.fail(error)

    def pause_writing(self) -> None:
        """Let uploads wait."""
        self._write_paused = True

    def resume_writing(self) -> None:
        """Let uploads go on."""
        self._write_paused = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, in lower case."""
        exchange = self.exchange
        if exchange is None:
            return
        if exchange.status:
            self._drop_trailer(len(name) + len(value))
            return
        name = name.lower()
        if name in HEEDED:
            if name in NOTED:
                exchange.noted = True
            else:
                self._framed = True
        exchange.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Tell the taker that the head is there; skip informational answers."""
        exchange = self.exchange
        if exchange is None:
            return
        status = self._parser.get_status_code()
        if status < INFORMATIONAL and status != SWITCHING:
            exchange.headers.clear()
            return
        if len(exchange.headers) > FEW:
            self._check_size(exchange)
        exchange.status = status
        if exchange.bodiless:
            exchange.complete = True
            self.abort()  # the parser would wait for the body that the headers promise
        exchange.wake()

    def on_body(self, body: bytes) -> None:
        """Pass a piece of the body on."""
        if self.exchange is not None:
            self.exchange.feed(body)

    def on_message_complete(self) -> None:
        """End the exchange; go home if the upstream keeps the connection."""
        exchange = self.exchange
        if exchange is None or not exchange.status:
            return
        exchange.complete = True
        self.exchange = None
        exchange.wake()
        uploading = exchange.upload is not None and not exchange.upload.done()
        if uploading or not self._parser.should_keep_alive():
            self.abort()
            return
        if exchange.held:
            self.resume()
        self._home.give(self)

    def _wait_for_turn(self) -> None:
        """Read on when it is this connection's turn, and less at once from now on."""
        self._waits = True
        self.hold()
        turns = turns_of(self._loop)
        turns.wait(self._go_on)
        if not self._sips and self._transport is not None and not self._transport.is_closing():
            self._sips = True
            self._transport.set_protocol(SlowReadGuard(self, turns.buffer))

    def _go_on(self) -> None:
        """Read again: it is this connection's turn."""
        self._waits = False
        if self.exchange is None or not self.exchange.held:
            self.resume()

    def _check_size(self, exchange: Exchange) -> None:
        """Refuse a head of many headers that came in one piece."""
        if sum(len(name) + len(value) for name, value in exchange.headers) > HEAD_BYTES:
            raise OversizeError(f"the answer's head is larger than {HEAD_BYTES} bytes")

    def _drop_trailer(self, size: int) -> None:
        """Count what nobody reads: it comes to an end as a head does."""
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            raise OversizeError(f"the answer's trailers are larger than {HEAD_BYTES} bytes")

    def _fail(self, exchange: Exchange, error: HttpError) -> None:
        exchange.fail(error)
        self.abort()

    async def _upload(self, exchange: Exchange, body: AsyncIterator[bytes], *, chunked: bool) -> None:
        """Send a body as it comes; the answer's clock starts when all of it is sent."""
        first_byte_s = exchange.due - self._loop.time()
        try:
            async for piece in body:
                if piece:
                    exchange.due = self._loop.time() + exchange.idle_s
                    self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                    await self._drained()
            if chunked:
                self._write(b"0\r\n\r\n")
            exchange.due = self._loop.time() + first_byte_s
        except HttpError as error:
            self._fail(exchange, error)
        except Exception as error:  # noqa: BLE001 - the body is the caller's, and may fail in any way
            self._fail(exchange, BrokenError(f"the request's body ended early: {error}"))

    def _write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise BrokenError("the upstream closed the connection before it had the whole request")
        self._transport.write(data)

    async def _drained(self) -> None:
        while self._write_paused:
            self._writable = self._loop.create_future()
            with suppress(asyncio.InvalidStateError):
                await self._writable


def _fault(error: Exception) -> HttpError:
    cause = error.__context__
    if isinstance(cause, HttpError):
        return cause
    return BrokenError(f"the upstream's answer is not HTTP: {error}")
