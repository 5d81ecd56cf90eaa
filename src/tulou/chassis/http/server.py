"""Serve an ASGI application: uvicorn with the guarded protocol, stopped by an event, drained before it ends."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import cast

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server

from tulou.chassis.http.guard import LEFT, GuardedProtocol, GuardLimits

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
"""How often the deadlines of connections are looked at."""

LOOK_FOR_END_S = 0.02

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
    server = _Server(_config(app, protocol), stop, drain_s, draining)
    looker = asyncio.create_task(_look_at_deadlines(server))
    try:
        await server.serve(sockets=list(sockets))
    finally:
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
    """Leaves signals to the process it runs in, and polls for nothing while it serves."""

    def __init__(self, config: Config, stop: asyncio.Event, drain_s: float, draining: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop
        self._drain_s = drain_s
        self._draining = draining

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def main_loop(self) -> None:
        """Keep the `date` header true until the stop."""
        while not self._stop.is_set():
            await self.on_tick(0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), 1.0)
        self._draining()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing new, let what has begun finish, and end what outlasts the drain."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        state = self.server_state
        for connection in state.connections.copy():
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_s):
                while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn tells nobody when one ends
                    await asyncio.sleep(LOOK_FOR_END_S)
        if state.tasks:
            log.warning("requests_cancelled", requests=len(state.tasks), after_s=self._drain_s)
            for task in state.tasks.copy():
                task.cancel("the server stopped")
            await asyncio.wait(state.tasks.copy(), timeout=1.0)
        for connection in cast("set[GuardedProtocol]", state.connections.copy()):
            connection.transport.abort()


def _config(app: ASGIApp, protocol: type[GuardedProtocol]) -> Config:
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


async def _look_at_deadlines(server: Server) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = loop.time()
        for connection in cast("set[GuardedProtocol]", server.server_state.connections.copy()):
            if which := connection.overdue(now):
                log.info("slow_client_closed", waited_for=which)
                connection.expire(which)
