"""A forward proxy that leads every plain request to one server, keeps the heads, and refuses tunnels."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

REFUSED = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class ForwardProxy:
    """`heads` are those of all requests, in lower case; `target` is the base URL of the server behind it."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = parts.hostname, parts.port
        self.heads: list[str] = []
        self.url = ""

    @property
    def asked(self) -> list[str]:
        """The first lines of all requests."""
        return [head.split("\r\n", 1)[0] for head in self.heads]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request of a connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode().lower())
        if head.startswith(b"CONNECT"):
            writer.write(REFUSED)
        else:
            await self._lead_on(head, reader, writer)
        writer.close()

    async def _lead_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        method, url, rest = head.split(b" ", 2)
        path = b"/" + url.split(b"/", 3)[3]
        there, back = await asyncio.open_connection(*self._target)
        lines = rest.replace(b"\r\n", b"\r\nconnection: close\r\n", 1).replace(b"\r\nConnection: keep-alive", b"")
        back.write(b" ".join((method, path, lines)) + await reader.readexactly(length))
        writer.write(await there.read())
        await writer.drain()
        back.close()


@asynccontextmanager
async def forward_proxy(target: str) -> AsyncGenerator[ForwardProxy]:
    """Listen on a free port as long as the block runs."""
    proxy = ForwardProxy(target)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield proxy
