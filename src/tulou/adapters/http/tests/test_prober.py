"""A probe says which status came back, or that nothing did."""

import asyncio
import socket

import pytest

from tulou.adapters.http.prober import open_prober
from tulou.kernel.errors import UnavailableError


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    status = b"200 OK" if b"authorization: Bearer good" in head else b"401 Unauthorized"
    writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(("key", "status"), [("good", 200), ("bad", 401)])
async def test_the_status_of_the_answer_is_returned(key: str, status: int) -> None:
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, open_prober() as prober:
        port = server.sockets[0].getsockname()[1]
        headers = {"authorization": f"Bearer {key}"}
        assert await prober.probe(f"http://127.0.0.1:{port}/v1/models", headers=headers, timeout_s=5) == status


async def test_no_listener_is_no_answer() -> None:
    async with open_prober() as prober:
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1/"):
            await prober.probe("http://127.0.0.1:1/v1/models", headers={}, timeout_s=5)


async def test_a_listener_that_says_nothing_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        async with open_prober() as prober:
            with pytest.raises(UnavailableError, match="Timeout"):
                await prober.probe(f"http://127.0.0.1:{port}/", headers={}, timeout_s=0.05)


async def test_a_connection_is_enough_where_nothing_may_be_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        async with open_prober() as prober:
            await prober.connect(f"http://127.0.0.1:{port}/v1", timeout_s=5)
    async with open_prober() as prober:
        with pytest.raises(UnavailableError, match=r"nobody listens at 127\.0\.0\.1:1 "):
            await prober.connect("http://127.0.0.1:1/v1", timeout_s=5)


async def test_a_body_is_read_up_to_a_bound_and_only_of_a_good_answer() -> None:
    async def list_models(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status = b"200 OK" if b"Bearer good" in head else b"403 Forbidden"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 5\r\nconnection: close\r\n\r\n[1,2]")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(list_models, "127.0.0.1", 0) as server, open_prober() as prober:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/models"
        good = {"authorization": "Bearer good"}
        assert await prober.read(url, headers=good, timeout_s=5, at_most=5) == b"[1,2]"
        with pytest.raises(UnavailableError, match="more than 4 bytes"):
            await prober.read(url, headers=good, timeout_s=5, at_most=4)
        with pytest.raises(UnavailableError, match="403"):
            await prober.read(url, headers={}, timeout_s=5, at_most=5)
