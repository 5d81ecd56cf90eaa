"""TLS to upstreams, against real servers: whoever cannot show who they are is refused, with words that say why."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tulou.chassis.http.client import Client
from tulou.chassis.http.errors import CertificateError, ConnectError, LateError
from tulou.chassis.http.tests.authority import Authority
from tulou.chassis.http.tests.raw import Patience, Raw, get, raw, says

HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def client(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Client]:
    made = Client(tls=tls)
    try:
        yield made
    finally:
        await made.close()


async def ask(http: Client, server: Raw, deadlines: Patience | None = None) -> bytes:
    exchange = await http.send(get(server), deadlines or Patience())
    try:
        return await exchange.read(at_most=1 << 20)
    finally:
        exchange.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_certificate_for_the_host_by_a_trusted_authority_is_good(authority: Authority, host: str) -> None:
    async with raw(says(HELLO, HELLO), host=host, tls=authority.server(host)) as server:
        async with client(authority.trusted()) as http:
            assert [await ask(http, server) for _ in range(2)] == [b"hello", b"hello"]
        assert server.connections == 1


async def test_a_large_answer_arrives_whole_over_tls(authority: Authority) -> None:
    large = b"x" * 1_000_000
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + large
    tls = authority.server("localhost")
    async with raw(says(answer), host="localhost", tls=tls) as server, client(authority.trusted()) as http:
        assert await ask(http, server) == large


async def test_an_authority_that_this_machine_does_not_know_is_not_trusted(authority: Authority) -> None:
    async with raw(says(HELLO), host="localhost", tls=authority.server("localhost")) as server, client() as http:
        with pytest.raises(
            CertificateError, match=r"certificate of localhost.*: unable to get local issuer.*SSL_CERT_FILE"
        ) as caught:
            await ask(http, server)
        assert not caught.value.gone
        assert server.connections == 0


@pytest.mark.parametrize(("shown", "asked"), [("elsewhere.test", "localhost"), ("127.0.0.2", "127.0.0.1")])
async def test_a_certificate_for_another_host_is_refused(authority: Authority, shown: str, asked: str) -> None:
    async with raw(says(HELLO), host=asked, tls=authority.server(shown)) as server:
        async with client(authority.trusted()) as http:
            with pytest.raises(CertificateError, match=f"certificate of {asked}.*mismatch.*not valid for '{asked}'"):
                await ask(http, server)
        assert server.connections == 0


async def test_a_certificate_whose_time_is_over_is_refused(authority: Authority) -> None:
    tls = authority.server("localhost", ends_in=-timedelta(hours=1))
    async with raw(says(HELLO), host="localhost", tls=tls) as server, client(authority.trusted()) as http:
        with pytest.raises(CertificateError, match=r"certificate of localhost.*: certificate has expired"):
            await ask(http, server)


async def test_a_server_without_tls_is_no_connection(authority: Authority) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        await reader.read()

    async with raw(plain, host="localhost", scheme="https") as server, client(authority.trusted()) as http:
        with pytest.raises(ConnectError, match="no TLS with localhost") as caught:
            await ask(http, server)
        assert not isinstance(caught.value, CertificateError)


async def test_a_server_that_does_not_shake_hands_misses_the_connect_deadline(authority: Authority) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        while await reader.read(1024):
            pass

    async with raw(silent, host="localhost", scheme="https") as server, client(authority.trusted()) as http:
        with pytest.raises(LateError) as caught:
            await ask(http, server, Patience(connect_s=0.2))
        assert caught.value.which == "connect"
        await asyncio.wait_for(server.closed.wait(), 60)
