"""Servers made of a raw socket, which answer with exactly the bytes that a test wants."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

from tulou.chassis.http.origin import Origin
from tulou.chassis.http.request import HttpRequest, render_head

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Raw:
    """Where the server listens, and how often it was connected to."""

    origin: Origin
    connections: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Patience:
    """Deadlines for tests; what a test is about it makes short."""

    connect_s: float = 5.0
    first_byte_s: float = 5.0
    idle_s: float = 5.0
    total_s: float = 10.0


@asynccontextmanager
async def raw(
    serve: Serve, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, scheme: str = ""
) -> AsyncGenerator[Raw]:
    """Run `serve` for every connection as long as the block runs; a `scheme` is what the server only claims."""
    scheme = scheme or ("https" if tls else "http")
    made = Raw(Origin(scheme, host, 0))
    serving: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.connections += 1
        serving.add(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await serve(reader, writer)
        finally:
            made.closed.set()
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    made.origin = Origin(scheme, host, server.sockets[0].getsockname()[1])
    try:
        yield made
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)


def says(*answers: bytes, then_close: bool = False) -> Serve:
    """Answer each request of a connection with the next of these, then wait or close."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        if not then_close:
            await reader.read()

    return serve


def get(server: Raw, target: bytes = b"/", **changes: object) -> HttpRequest:
    head = render_head(b"GET", target, server.origin, [])
    return HttpRequest(origin=server.origin, head=head, **changes)  # pyright: ignore[reportArgumentType] - a test's shorthand
