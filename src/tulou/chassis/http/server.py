"""Serve an ASGI application: uvicorn with the guarded protocol, stopped by an event, drained before it ends."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import cast

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server

from tulou.chassis.http.guard import LEFT, GuardedProtocol, GuardLimits

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
"""How often the deadlines of connections are looked at."""

BACKLOG = 2048


async def serve(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    *,
    stop: asyncio.Event,
    drain_s: float,
    limits: GuardLimits | None = None,
    draining: Callable[[], None] = lambda: None,
) -> None:
    """Answer on these listening sockets until `stop` is set; then finish what has begun, at most `drain_s` seconds.

    `draining` is called when the stop begins, so that a readiness check can say so. The sockets are closed.
    """
    protocol = cast("type[GuardedProtocol]", type("Guarded", (GuardedProtocol,), {"limits": limits or GuardLimits()}))
    server = _Server(_config(app, protocol, drain_s))
    async with asyncio.TaskGroup() as group:
        watcher = group.create_task(_stop(server, stop, draining))
        looker = group.create_task(_look_at_deadlines(server))
        try:
            await server.serve(sockets=list(sockets))
            await _end(server.server_state.tasks)
        finally:
            watcher.cancel()
            looker.cancel()


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


class _Server(Server):
    """Leaves signals to the process it runs in."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _config(app: ASGIApp, protocol: type[GuardedProtocol], drain_s: float) -> Config:
    return Config(
        _until_left(app),
        http=protocol,
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=cast("int", drain_s),  # a float in truth: it goes to `asyncio.wait_for`
    )


def _until_left(app: ASGIApp) -> ASGIApp:
    """End quietly when the client has left; every other end is the server's to report."""

    async def quiet(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError as error:
            if error.args != (LEFT,):
                raise

    return quiet


async def _stop(server: Server, stop: asyncio.Event, draining: Callable[[], None]) -> None:
    await stop.wait()
    draining()
    server.should_exit = True


async def _look_at_deadlines(server: Server) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = loop.time()
        for connection in cast("set[GuardedProtocol]", server.server_state.connections.copy()):
            if which := connection.overdue(now):
                log.info("slow_client_closed", waited_for=which)
                connection.expire(which)


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Let tasks that were cancelled at the end of the drain give back what they hold."""
    if tasks:
        await asyncio.wait(tuple(tasks), timeout=1.0)
