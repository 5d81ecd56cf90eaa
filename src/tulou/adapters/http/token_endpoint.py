"""The port `TokenEndpoint` over httpx2."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx2

from tulou.adapters.http.outgoing import NOWHERE, outgoing_client
from tulou.kernel.egress import Egress
from tulou.kernel.errors import UnavailableError
from tulou.ports.token_endpoint import TokenReply

BODY_CAP = 64 * 1024


@asynccontextmanager
async def open_token_endpoint(egress: Egress = NOWHERE) -> AsyncGenerator["HttpTokenEndpoint"]:
    """Keep one connection pool for as long as the block runs."""
    async with outgoing_client(egress) as http:
        yield HttpTokenEndpoint(http)


class HttpTokenEndpoint:
    """Follows no redirects: what it sends proves who asks."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def exchange(self, url: str, form: Mapping[str, str], *, timeout_s: float) -> TokenReply:
        """Post a form, all within so many seconds; raise `UnavailableError` when there is no whole answer."""
        host = urlsplit(url).hostname
        body = bytearray()
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._http.stream("POST", url, data=dict(form), headers={"accept": "application/json"}) as reply,
            ):
                async for piece in reply.aiter_bytes():
                    body += piece
                    if len(body) > BODY_CAP:
                        raise UnavailableError(f"{host} answers more than {BODY_CAP} bytes where a token was to be")
                return TokenReply(reply.status_code, bytes(body))
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise UnavailableError(f"no token from {host} ({type(error).__name__})") from error
