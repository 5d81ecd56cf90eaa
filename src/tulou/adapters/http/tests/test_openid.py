"""A provider that answers without end, or with what no JSON object is, does not answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tulou.adapters.http.openid import DOCUMENT_CAP, open_openid_providers
from tulou.adapters.http.prober import open_prober
from tulou.kernel.errors import UnauthenticatedError, UnavailableError

HEAD = b"HTTP/1.1 %d X\r\nconnection: close\r\n\r\n"
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000


@asynccontextmanager
async def provider(*, status: int, body: bytes, dripping: bool = False) -> AsyncGenerator[str]:
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write((HEAD % status if status else b"") + body)
            await writer.drain()
            while dripping:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.005)  # slower than the deadline of any one read
        except ConnectionError:
            pass
        finally:
            writer.close()
            gone.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with asyncio.timeout(60):
            await gone.wait()  # the client has left by then


@pytest.mark.parametrize("body", [DEEP, b"[]", b"", b"\xff", b'{"a":', b"{}" + b" " * DOCUMENT_CAP])
async def test_what_is_no_json_object_is_no_document(body: bytes) -> None:
    async with provider(status=200, body=body) as url, open_openid_providers() as providers:
        with pytest.raises(UnavailableError, match=url):
            await providers.document(url, timeout_s=5)


@pytest.mark.parametrize("body", [DEEP, b"[]", b"", b'{"error": ["x"]}', b'{"error": "' + b"x" * 100 + b'"}'])
async def test_a_refusal_whose_reason_cannot_be_read_is_a_refusal(body: bytes) -> None:
    async with provider(status=400, body=body) as url, open_openid_providers() as providers:
        with pytest.raises(UnauthenticatedError, match="no reason given"):
            await providers.exchange(url, {"code": "c"}, basic=None, timeout_s=5)


async def test_a_document_that_drips_is_given_up_when_its_time_is_over() -> None:
    async with provider(status=200, body=b"", dripping=True) as url, open_openid_providers() as providers:
        with pytest.raises(UnavailableError, match="no answer from"):
            await providers.document(url, timeout_s=0.2)


async def test_a_probe_whose_head_drips_is_given_up_when_its_time_is_over() -> None:
    async with provider(status=0, body=b"HTTP/1.1 200 OK\r\nx: ", dripping=True) as url, open_prober() as prober:
        with pytest.raises(UnavailableError, match="no answer from"):
            await prober.probe(url, headers={}, timeout_s=0.2)
