"""Where requests reach an engine: its own server, or one of ours around it."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from tulou.kernel.errors import UnavailableError
from tulou.kernel.message import message
from tulou.ports.engine import Engine, SelfServing
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.host.app import Host
from tulou.services.replica.host.room import Room
from tulou.services.replica.settings import ReplicaSettings

CUT_OFF_S = 1
BACKLOG = 512


@message
class Endpoint:
    """Where it is, and the room requests wait in when it is ours."""

    url: str
    room: Room | None = None


@asynccontextmanager
async def endpoint(engine: Engine, spec: WorkerSpec, settings: ReplicaSettings) -> AsyncGenerator[Endpoint]:
    """Make an open engine reachable on a loopback port for as long as the block runs."""
    if isinstance(engine, SelfServing):
        yield Endpoint(url=engine.base_url)
        return
    room = Room(places=spec.concurrency, queue=settings.queue_length, wait_s=settings.queue_wait_s)
    host = Host(engine, model=spec.model, token=spec.token, room=room)
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listening:
        server = _Server(
            uvicorn.Config(
                host.app(), lifespan="off", access_log=False, log_config=None, timeout_graceful_shutdown=CUT_OFF_S
            )
        )
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        try:
            await _started(server, serving)
            yield Endpoint(url=f"http://127.0.0.1:{listening.getsockname()[1]}", room=room)
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    """Leaves the signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


async def _started(server: uvicorn.Server, serving: "asyncio.Future[None]") -> None:
    while not server.started:
        if serving.done():
            raise UnavailableError("the replica's HTTP server did not start; see the log before this line")
        await asyncio.sleep(0.005)
