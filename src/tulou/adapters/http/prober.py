"""The port `Prober` over httpx2."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx2

from tulou.adapters.http.outgoing import outgoing_client
from tulou.kernel.errors import UnavailableError

OK = 200


@asynccontextmanager
async def open_prober() -> AsyncGenerator["HttpProber"]:
    """Keep one connection pool for as long as the block runs."""
    async with outgoing_client() as http:
        yield HttpProber(http)


class HttpProber:
    """Reads of a probe the status alone: what follows it may be long."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def probe(self, url: str, *, headers: Mapping[str, str], timeout_s: float) -> int:
        """Return the HTTP status that a GET is answered with; raise `UnavailableError` when there is no answer."""
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._http.stream("GET", url, headers=dict(headers), timeout=timeout_s) as reply,
            ):
                return reply.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise UnavailableError(f"no answer from {url} ({type(error).__name__})") from error

    async def read(self, url: str, *, headers: Mapping[str, str], timeout_s: float, at_most: int) -> bytes:
        """Return what a GET is answered with; raise `UnavailableError` when it is not answered with 200, or at length.

        More bytes than `at_most` are none: a part of them is no answer.
        """
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._http.stream("GET", url, headers=dict(headers), timeout=timeout_s) as reply,
            ):
                if reply.status_code != OK:
                    raise UnavailableError(f"{url} answers with {reply.status_code}")
                return await _whole(reply, url, at_most)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise UnavailableError(f"no answer from {url} ({type(error).__name__})") from error

    async def connect(self, url: str, *, timeout_s: float) -> None:
        """Open a connection to where a URL leads and close it again; raise `UnavailableError` when nobody listens."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            async with asyncio.timeout(timeout_s):
                _, writer = await asyncio.open_connection(parts.hostname, port)
        except OSError as error:
            raise UnavailableError(f"nobody listens at {parts.hostname}:{port} ({type(error).__name__})") from error
        writer.close()


async def _whole(reply: httpx2.Response, url: str, at_most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in reply.aiter_bytes():
        size += len(piece)
        if size > at_most:
            raise UnavailableError(f"{url} answers with more than {at_most} bytes")
        pieces.append(piece)
    return b"".join(pieces)
