"""An application that echoes, and what comes of bytes that are fed to a connection of it."""

from collections.abc import Sequence

from starlette.types import Receive, Scope, Send

from tulou.http.server.tests.corpus import CLOSED, OPEN, escaped
from tulou.http.server.tests.wire import Wire, wire

NEXT = b"GET /next HTTP/1.1\r\nhost: x\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer method, path and body."""
    said, more = b"%b %b " % (scope["method"].encode(), scope["path"].encode()), True
    while more:
        message = await receive()
        said += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]})
    await send({"type": "http.response.body", "body": said})


def echoed(line: Wire) -> list[bytes]:
    """Return what the application has answered on a connection."""
    answers = bytes(line.transport.written).split(b"HTTP/1.1 ")[1:]
    return [answer.partition(b"\r\n\r\n")[2] for answer in answers if answer.startswith(b"200 ")]


def pieces(data: bytes, size: int) -> list[bytes]:
    """Return bytes cut into pieces of a size."""
    return [data[at : at + size] for at in range(0, len(data), size)]


async def comes_of(pieces: Sequence[bytes]) -> Sequence[str]:
    """Return the answers in turn, and whether the connection is open, as `corpus.txt` says it."""
    async with wire(echo) as line:
        await line.feed(pieces)
        await line.settle()
        return outcome(line)


def outcome(line: Wire) -> Sequence[str]:
    """Return what a connection has answered so far, and whether it is open."""
    return [*answers_in(bytes(line.transport.written)), CLOSED if line.transport.closing else OPEN]


def answers_in(written: bytes) -> list[str]:
    """Return the answers of a connection: what was echoed, else the status."""
    found: list[str] = []
    while written:
        head, _, rest = written.partition(b"\r\n\r\n")
        status = head[9:12]
        place = head.lower().find(b"content-length: ")
        length = int(head[place + 16 :].partition(b"\r\n")[0]) if place >= 0 else 0
        head_only = status == b"200" and rest[:9] in {b"", b"HTTP/1.1 "} and length
        body, written = (b"", rest) if head_only else (rest[:length], rest[length:])
        found.append(escaped(body) if status == b"200" and body else status.decode())
    return found
