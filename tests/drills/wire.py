"""Bytes on sockets, for what no client library would send."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress

from tests.drills.field import Field

GONE = (OSError, EOFError, asyncio.LimitOverrunError)
PIECE = 64 * 1024
SMALL_WINDOW = 4096
"""Bytes that a client which does not read takes in before its system's buffers are full."""


class Line:
    """One connection to the house; what is sent waits for the other side to take it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send, and wait until most of it is taken."""
        self.writer.write(data)
        await self.writer.drain()

    async def pour(self, pieces: Iterable[bytes]) -> None:
        """Send as much as the other side takes."""
        for piece in pieces:
            await self.send(piece)

    async def answer(self) -> tuple[int, bytes]:
        """Return status and body of the next answer."""
        head, body = await self.whole_answer()
        return int(head[9:12]), body

    async def whole_answer(self) -> tuple[bytes, bytes]:
        """Return head, in lower case, and body of the next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        return head, await self._body(head)

    async def _body(self, head: bytes) -> bytes:
        if b"content-length: " in head:
            return await self.reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))
        body = b""
        while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
            body += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return body


@asynccontextmanager
async def connected(place: tuple[str, int], *, deaf: bool = False) -> AsyncGenerator[Line]:
    """Open a connection while the block runs; one that is `deaf` reads nothing."""
    plain = socket.socket()
    plain.setblocking(False)  # noqa: FBT003 - the standard library's signature
    if deaf:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW)
    try:
        await asyncio.get_running_loop().sock_connect(plain, place)
        reader, writer = await asyncio.open_connection(sock=plain, limit=SMALL_WINDOW if deaf else 2**20)
    except BaseException:
        plain.close()
        raise
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


def head(
    method: str, path: str, *, key: str = "", length: int | None = None, chunked: bool = False, more: str = ""
) -> bytes:
    """Return the head of a request; `more` are further lines, each with its end."""
    lines = f"{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{more}"
    lines += f"authorization: Bearer {key}\r\n" if key else ""
    lines += f"content-length: {length}\r\n" if length is not None else ""
    lines += "transfer-encoding: chunked\r\n" if chunked else ""
    return f"{lines}\r\n".encode()


def post(path: str, body: bytes, *, key: str = "", more: str = "") -> bytes:
    """Return a whole request."""
    return head("POST", path, key=key, length=len(body), more=more) + body


async def many(field: Field, count: int, work: Callable[[int], Awaitable[None]]) -> None:
    """Do the same on so many connections at once, each counted as one request; the house may end any."""

    async def one(number: int) -> None:
        field.asked += 1
        with suppress(*GONE):
            await work(number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


class Caller:
    """Asks again and again over connections of its own, and counts what is asked."""

    def __init__(self, field: Field) -> None:
        self._field = field

    async def ask_forever(self, requests: Callable[[], bytes]) -> None:
        """Ask until cancelled; a connection that ends is opened again."""
        while True:
            with suppress(*GONE):
                async with connected(self._field.place()) as line:
                    while True:
                        await line.send(requests())
                        self._field.asked += 1
                        await line.answer()
            await asyncio.sleep(0.01)
