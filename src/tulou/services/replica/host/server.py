"""Where requests reach an engine: its own server, or one of ours around it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tulou.http.server.server import serving
from tulou.kernel.message import message
from tulou.ports.engine import Engine, SelfServingEngine
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.host.app import Host
from tulou.services.replica.host.room import RequestSlots
from tulou.services.replica.settings import ReplicaSettings

CUT_OFF_S = 1.0
"""What is still answered when the engine is about to close gets so long; before, the worker has let answers end."""


@message
class EngineEndpoint:
    """Where it is, and the room requests wait in when it is ours."""

    url: str
    room: RequestSlots | None = None


@asynccontextmanager
async def endpoint(engine: Engine, spec: WorkerSpec, settings: ReplicaSettings) -> AsyncGenerator[EngineEndpoint]:
    """Make an open engine reachable on a loopback port for as long as the block runs."""
    if isinstance(engine, SelfServingEngine):
        yield EngineEndpoint(url=engine.base_url)
        return
    room = RequestSlots(places=spec.concurrency, queue=settings.queue_length, wait_s=settings.queue_wait_s)
    host = Host(engine, model=spec.model, token=spec.token, room=room)
    async with serving(host.app(), drain_s=CUT_OFF_S) as url:
        yield EngineEndpoint(url=url, room=room)
