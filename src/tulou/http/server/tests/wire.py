"""A connection without a socket: what is fed to it, what it writes, and the memory that it takes."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp

from tulou.http.server.guard import GuardLimits
from tulou.http.server.inbound import Inbound, Reception
from tulou.testing.eventually import eventually

STILL = 30
"""Turns of the loop in which a request of these tests is answered, and more."""


class FakeTransport(asyncio.Transport):
    """Takes all that is written; a close is reported in the loop's next turn, as a socket's is."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closing = self.paused = False
        self.unread = 0
        self.protocol: asyncio.Protocol | None = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("10.0.0.1", 1), "sockname": ("10.0.0.2", 80)}.get(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self.closing:
            self.written += data

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            asyncio.get_running_loop().call_soon(self._lost)

    def abort(self) -> None:
        self.close()

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return self.unread

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def _lost(self) -> None:
        if self.protocol is not None:
            self.protocol.connection_lost(None)


class Wire:
    """One connection to an application; `most` is the most memory that it took at once, copies included."""

    def __init__(self, app: ASGIApp, limits: GuardLimits | None = None) -> None:
        self.transport = FakeTransport()
        self.reception = Reception(app, limits or GuardLimits())
        self.inbound = Inbound(self.reception, asyncio.get_running_loop())
        self.transport.protocol = self.inbound
        self.inbound.connection_made(self.transport)
        self.sent = self.most = 0

    @property
    def statuses(self) -> list[int]:
        """Return those of all answers that were written."""
        said = bytes(self.transport.written).split(b"HTTP/1.1 ")[1:]
        return [int(answer[:3]) for answer in said]

    async def feed(self, pieces: Iterable[bytes]) -> None:
        """Feed as long as the connection reads, a piece in each turn of the loop."""
        before = tracemalloc.get_traced_memory()[0]
        for piece in pieces:
            if self.transport.paused or self.transport.closing:
                return
            self.sent += len(piece)
            tracemalloc.reset_peak()
            self.inbound.data_received(piece)
            await asyncio.sleep(0)
            self.most = max(self.most, tracemalloc.get_traced_memory()[1] - before)

    async def settle(self) -> None:
        """Let the loop turn until nothing more is written."""
        written, still = -1, 0
        while still < STILL:
            still = still + 1 if len(self.transport.written) == written else 0
            written = len(self.transport.written)
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Leave, and wait until all work for this connection has ended."""
        self.transport.close()
        await eventually(lambda: not self.reception.tasks and not self.reception.connections)


@asynccontextmanager
async def wire(app: ASGIApp, limits: GuardLimits | None = None) -> AsyncGenerator[Wire]:
    """Connect as long as the block runs, with memory traced."""
    tracemalloc.start()
    made = Wire(app, limits)
    try:
        yield made
    finally:
        await made.close()
        tracemalloc.stop()
