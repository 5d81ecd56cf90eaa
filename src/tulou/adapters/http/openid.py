"""The port `OpenIdProviders` over httpx2."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote_plus

import httpx2
import msgspec

from tulou.adapters.http.outgoing import NOWHERE, outgoing_client
from tulou.kernel.egress import Egress
from tulou.kernel.errors import UnauthenticatedError, UnavailableError

DOCUMENT_CAP = 512 * 1024
OK = 200
REFUSED = range(400, 500)


@asynccontextmanager
async def open_openid_providers(egress: Egress = NOWHERE) -> AsyncGenerator["HttpOpenIdProviders"]:
    """Keep one connection pool for as long as the block runs."""
    async with outgoing_client(egress) as http:
        yield HttpOpenIdProviders(http)


class HttpOpenIdProviders:
    """Follows no redirects, and reads no more than a document of this kind can be long."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def document(self, url: str, *, bearer: str = "", timeout_s: float) -> dict[str, Any]:
        """Return the JSON object at an address."""
        status, body = await self._ask("GET", url, bearer=bearer, timeout_s=timeout_s)
        if status != OK:
            raise UnavailableError(f"{url} answered {status} where a document was to be; look at the issuer")
        return _object(body, url)

    async def exchange(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None, timeout_s: float
    ) -> dict[str, Any]:
        """Return what a token endpoint answers to a form."""
        # RFC 6749, 2.3.1: both are form-encoded before they are joined
        pair = tuple(quote_plus(part) for part in basic) if basic else None
        auth = httpx2.BasicAuth(*pair) if pair else None
        status, body = await self._ask("POST", url, data=dict(form), auth=auth, timeout_s=timeout_s)
        if status in REFUSED:
            raise UnauthenticatedError(f"the provider refused the code ({_error(body)}); sign in again")
        if status != OK:
            raise UnavailableError(f"{url} answered {status} where a token was to be")
        return _object(body, url)

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        data: dict[str, str] | None = None,
        auth: httpx2.BasicAuth | None = None,
        bearer: str = "",
        timeout_s: float,
    ) -> tuple[int, bytes]:
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
        body = bytearray()
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._http.stream(method, url, data=data, auth=auth, headers=headers, timeout=timeout_s) as reply,
            ):
                async for piece in reply.aiter_bytes():
                    body += piece
                    if len(body) > DOCUMENT_CAP:
                        raise UnavailableError(
                            f"{url} answers more than {DOCUMENT_CAP} bytes; that is no such document"
                        )
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise UnavailableError(f"no answer from {url} ({type(error).__name__})") from error
        return reply.status_code, bytes(body)


def _object(body: bytes, url: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnavailableError(f"{url} answered something else than a JSON object ({error})") from error


def _error(body: bytes) -> str:
    """Return a provider's error code, which is one word (RFC 6749, 5.2)."""
    try:
        said = str(msgspec.json.decode(body, type=dict[str, Any]).get("error", ""))
    except (msgspec.MsgspecError, RecursionError):
        said = ""
    return said if said.isascii() and said.replace("_", "").isalnum() and len(said) <= 64 else "no reason given"  # noqa: PLR2004 - longer than any code
