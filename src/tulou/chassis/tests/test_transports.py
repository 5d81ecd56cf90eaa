"""A process that looks for a service may find anything at its address."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tulou.chassis.transports import HttpTransport
from tulou.kernel.errors import UnavailableError
from tulou.kernel.message import Done
from tulou.kernel.operation import Operation, StreamOperation
from tulou.testing.http import http_client

CALL = Operation("test.call", Done, Done)
WATCH = StreamOperation("test.watch", Done, Done)


class Answering(asyncio.Protocol):
    """Answers whatever comes with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        del data
        assert self._transport is not None
        self._transport.write(self._answer)
        self._transport.close()


@asynccontextmanager
async def transport_to(answer: bytes) -> AsyncGenerator[HttpTransport]:
    """Reach a server that answers every request so."""
    server = await asyncio.get_running_loop().create_server(lambda: Answering(answer), "127.0.0.1", 0)
    async with server, http_client() as http:
        yield HttpTransport(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", http)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\x00\xff\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain",
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nnope\n",
        b"SSH-2.0-server\r\n",
    ],
)
async def test_whatever_else_answers_there_counts_as_unavailable(answer: bytes) -> None:
    async with transport_to(answer) as transport:
        with pytest.raises(UnavailableError, match=r"test\.|unexpected answer"):
            await transport.call(CALL, Done())
        with pytest.raises(UnavailableError, match=r"test\.|unexpected answer"):
            _ = [reply async for reply in transport.stream(WATCH, Done())]
