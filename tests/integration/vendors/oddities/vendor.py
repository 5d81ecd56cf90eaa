"""A vendor at a socket of its own that answers each request in the odd way that the request names."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from tests.integration.vendors.oddities.answer import Good, Wire
from tests.integration.vendors.oddities.catalogue import ODDITIES
from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors import SPEECHES

HOLD_S = 30.0
"""The longest that a silent vendor stays: the gate leaves long before."""

_CASE = re.compile(rb"case:([a-z0-9-]+)!")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@asynccontextmanager
async def odd_vendor() -> AsyncGenerator[str]:
    """Serve all dialects as long as the block runs, each under its name; yield the address."""
    async with await asyncio.start_server(_serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        wire = _wire(*await _request(reader))
        for piece in wire.pieces:
            writer.write(piece)
            await writer.drain()
        if wire.end == "hold":
            with suppress(TimeoutError):
                async with asyncio.timeout(HOLD_S):
                    await reader.read()
        if wire.end == "reset":
            writer.transport.abort()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    found = _LENGTH.search(head)
    body = await reader.readexactly(int(found[1])) if found is not None else b""
    return head.split(b" ", 2)[1].decode(), body


def _wire(path: str, body: bytes) -> Wire:
    dialect, _, rest = path.removeprefix("/").partition("/")
    named = _CASE.search(body)
    speech = SPEECHES[dialect]  # pyright: ignore[reportArgumentType] - a name that a test gave
    seen = Seen("/" + rest.partition("?")[0], {}, body)
    assert named is not None
    return ODDITIES[named[1].decode()].make(Good(speech, speech.streams(seen)))
