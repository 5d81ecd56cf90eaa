"""What the environment says of proxies and passwords changes nothing of whom our clients ask, and with what."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tulou.adapters.http.gate import open_gate
from tulou.adapters.http.openid import open_openid_providers
from tulou.adapters.http.outgoing import outgoing_client
from tulou.adapters.http.prober import open_prober
from tulou.adapters.http.token_endpoint import open_token_endpoint


class Listener:
    """Answers every request with an empty JSON object, and keeps the heads."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.url = ""

    async def open(self, stack: AsyncExitStack) -> None:
        server = await stack.enter_async_context(await asyncio.start_server(self._answer, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def probe(url: str) -> None:
    async with open_prober() as prober:
        await prober.probe(f"{url}/v1/models", headers={"x-api-key": "k"}, timeout_s=5)


async def read(url: str) -> None:
    async with open_prober() as prober:
        await prober.read(f"{url}/v1/models", headers={}, timeout_s=5, at_most=100)


async def ask_for_a_document(url: str) -> None:
    async with open_openid_providers() as providers:
        await providers.document(f"{url}/.well-known/openid-configuration", timeout_s=5)


async def exchange_a_code(url: str) -> None:
    async with open_openid_providers() as providers:
        await providers.exchange(f"{url}/token", {"code": "c"}, basic=None, timeout_s=5)


async def exchange_a_key(url: str) -> None:
    async with open_token_endpoint() as tokens:
        await tokens.exchange(f"{url}/token", {"assertion": "a"}, timeout_s=5)


async def ask_the_gate(url: str) -> None:
    async with open_gate(url, token="t") as gate:
        await gate.post("/v1/embeddings", b"{}", key="k", headers={}, timeout_s=5)


ASKED: tuple[Callable[[str], Awaitable[None]], ...] = (
    *(probe, read, ask_for_a_document, exchange_a_code, exchange_a_key, ask_the_gate),
)


@pytest.fixture
async def listeners() -> AsyncGenerator[tuple[Listener, Listener]]:
    asked, proxy = Listener(), Listener()
    async with AsyncExitStack() as stack:
        await asked.open(stack)
        await proxy.open(stack)
        yield asked, proxy


@pytest.mark.parametrize("ask", ASKED)
async def test_neither_a_proxy_nor_a_password_file_of_the_environment_is_used(
    listeners: tuple[Listener, Listener],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[str], Awaitable[None]],
) -> None:
    asked, proxy = listeners
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    await ask(asked.url)

    assert proxy.heads == []
    (head,) = asked.heads
    assert "authorization: basic" not in head


async def test_the_authorities_of_the_environment_are_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`SSL_CERT_FILE` is how a house behind its own authority says so; it must not go with the proxies."""
    empty = tmp_path / "authorities.pem"
    empty.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    made: list[ssl.SSLContext] = []
    whole = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: made.append(whole()) or made[-1])
    async with outgoing_client():
        assert [context.get_ca_certs() for context in made] == [[]]
