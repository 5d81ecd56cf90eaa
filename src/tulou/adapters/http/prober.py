"""The port `Prober` over httpx2."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpx2

from tulou.kernel.errors import UnavailableError


@asynccontextmanager
async def open_prober() -> AsyncGenerator["HttpProber"]:
    """Keep one connection pool for as long as the block runs."""
    async with httpx2.AsyncClient(follow_redirects=False) as http:
        yield HttpProber(http)


class HttpProber:
    """Reads the status alone: what follows it may be long."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def probe(self, url: str, *, headers: Mapping[str, str], timeout_s: float) -> int:
        """Return the HTTP status that a GET is answered with; raise `UnavailableError` when there is no answer."""
        try:
            async with self._http.stream("GET", url, headers=dict(headers), timeout=timeout_s) as reply:
                return reply.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise UnavailableError(f"no answer from {url} ({type(error).__name__})") from error
