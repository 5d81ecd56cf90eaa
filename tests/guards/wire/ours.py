"""What our server reads in bytes, without a socket."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from tests.guards.wire.judges import Read, Verdict
from tulou.http.server.guard import GuardLimits
from tulou.http.server.tests.wire import Wire

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
SAID = b"ok"


@dataclass
class Noting:
    """An application that notes each request that it got whole; `crashed` counts what went wrong in it."""

    requests: list[Read] = field(default_factory=list[Read])
    begun: int = 0

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read to the end, and answer."""
        self.begun += 1
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.requests.append(Read(scope["method"].encode(), body))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": SAID})


@dataclass(frozen=True)
class Ours:
    """What came of bytes: requests, statuses of all answers but interim ones, and whether the connection is open."""

    verdict: Verdict
    statuses: tuple[int, ...]
    closed: bool


async def we_read(pieces: Sequence[bytes], limits: GuardLimits | None = None) -> Ours:
    """Return what our server makes of bytes that come in these pieces; the connection is gone when this returns."""
    noting = Noting()
    line = Wire(noting.app, limits)
    for piece in pieces:
        if line.transport.paused:
            await line.settle()
        if line.transport.closing:
            break
        line.inbound.data_received(piece)
    await line.settle()
    closed = line.transport.closing
    found = [int(status) for status in _STATUS.findall(bytes(line.transport.written))]
    statuses = tuple(status for status in found if status != 100)
    await line.close()
    refused = bool(statuses) and statuses[-1] != 200
    return Ours(Verdict(tuple(noting.requests), refused=refused), statuses, closed)
