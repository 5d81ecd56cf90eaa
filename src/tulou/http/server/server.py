"""Serve an ASGI application over HTTP/1.1 until an event says stop, and drain what has begun before the end."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import structlog
from starlette.types import ASGIApp

from tulou.http.server.descriptors import connections_within, descriptors
from tulou.http.server.guard import GuardLimits
from tulou.http.server.inbound import Inbound, Reception

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
"""How often the deadlines of connections are looked at: one timer for all of them."""

UNSENT_BYTES = 64 * 1024
"""So much of an answer the system takes before its client's side has room for it, instead of some megabytes: what is
not taken slows down whoever makes the answer."""

LOOK_FOR_END_S = 0.02
UNWIND_S = 1.0
"""How long requests that are cancelled may take to let go of what they hold."""

BACKLOG = 2048


async def serve(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    *,
    stop: asyncio.Event,
    drain_s: float,
    limits: GuardLimits | None = None,
    linger_s: float = 0.0,
    draining: Callable[[], None] = lambda: None,
) -> None:
    """Answer on these listening sockets until `stop` is set; then finish what has begun, at most `drain_s` seconds.

    `draining` is called when the stop begins, so that a readiness check can say so. The sockets are closed. Connections
    on which nothing is asked stay open for `linger_s`, and are answered once more: a request may be on its way.
    """
    loop = asyncio.get_running_loop()
    reception = Reception(app, _within_descriptors(limits or GuardLimits()))
    looker = asyncio.create_task(_look_forever(reception))
    servers: list[asyncio.Server] = []
    try:
        for listener in sockets:
            _take_little(listener)
            server = await loop.create_server(lambda: Inbound(reception, loop), sock=listener, backlog=BACKLOG)
            servers.append(server)
        await stop.wait()
        draining()
        _close(servers, sockets)
        await _drain(reception, drain_s, linger_s)
    finally:
        looker.cancel()
        _close(servers, sockets)
        for connection in reception.connections.copy():
            connection.transport.abort()


@asynccontextmanager
async def serving(
    app: ASGIApp, *, host: str = "127.0.0.1", drain_s: float = 1.0, limits: GuardLimits | None = None
) -> AsyncGenerator[str]:
    """Serve on a free port as long as the block runs; yield the base URL."""
    listener = socket.create_server((host, 0), backlog=BACKLOG)
    url = f"http://{host}:{listener.getsockname()[1]}"
    stop = asyncio.Event()
    task = asyncio.create_task(serve(app, [listener], stop=stop, drain_s=drain_s, limits=limits))
    try:
        yield url
    finally:
        stop.set()
        await task


def _within_descriptors(limits: GuardLimits) -> GuardLimits:
    """Cap the connections to what the process may have open: a refusal is better than an accept that fails."""
    most = connections_within(descriptors(), limits.connections)
    if most < limits.connections:
        log.warning("connections_capped", wanted=limits.connections, connections=most, descriptors=descriptors())
    return replace(limits, connections=most)


def _take_little(listener: socket.socket) -> None:
    """Cap what waits in the system's buffers of its connections, where the system can (tcp(7))."""
    if listener.family in {socket.AF_INET, socket.AF_INET6} and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


def _close(servers: Sequence[asyncio.Server], sockets: Sequence[socket.socket]) -> None:
    for server in servers:
        server.close()
    for listener in sockets:
        listener.close()


async def _drain(reception: Reception, drain_s: float, linger_s: float) -> None:
    """Let what has begun finish, and end what outlasts the drain."""
    began = asyncio.get_running_loop().time()
    for connection in reception.connections.copy():
        connection.finish()
    with suppress(TimeoutError):
        async with asyncio.timeout(drain_s):
            while reception.connections or reception.tasks:
                _close_quiet(reception, began, linger_s)
                await asyncio.sleep(LOOK_FOR_END_S)
    if reception.tasks:
        log.warning("requests_cancelled", requests=len(reception.tasks), after_s=drain_s)
        for task in reception.tasks.copy():
            task.cancel("the server stopped")
        await asyncio.wait(reception.tasks.copy(), timeout=UNWIND_S)


def _close_quiet(reception: Reception, began: float, linger_s: float) -> None:
    """Close connections on which nothing has been asked for so long."""
    now = asyncio.get_running_loop().time()
    for connection in reception.connections.copy():
        if connection.quiet and now - max(began, connection.phase_since) >= linger_s:
            connection.shutdown()


async def _look_forever(reception: Reception) -> None:
    """Keep the date true, and close the connections of clients and applications that are too slow."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        reception.tick()
        now = loop.time()
        for connection in reception.connections.copy():
            if which := connection.overdue(now):
                log.info("slow_application_closed" if which == "handler" else "slow_client_closed", waited_for=which)
                connection.expire(which)
            elif connection.aged(now):
                connection.shutdown()
        for connection in reception.relieve():
            log.warning("unread_answer_cut", owner=connection.owner or connection.holder, bytes=connection.unread)
            connection.transport.abort()
