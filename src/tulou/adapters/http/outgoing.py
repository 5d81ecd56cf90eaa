"""The client that asks other houses: no redirects, and nothing of the environment but the authorities it trusts."""

import os
import ssl
from pathlib import Path

import httpx2

from tulou.kernel.egress import Egress, address_of

NOWHERE = Egress()


def outgoing_client(egress: Egress = NOWHERE) -> httpx2.AsyncClient:
    """Return a client without the proxies and the netrc of the environment: what is asked carries credentials.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` name the authorities, as they do for the gate's own client. The proxy is that of
    the settings.
    """
    authorities = ssl.create_default_context()
    transport = _ByHost(egress, authorities) if egress.proxy else None
    return httpx2.AsyncClient(follow_redirects=False, trust_env=False, verify=authorities, transport=transport)


class _ByHost(httpx2.AsyncBaseTransport):
    """Asks each host as the way out says."""

    def __init__(self, egress: Egress, authorities: ssl.SSLContext) -> None:
        self._egress = egress
        self._direct = httpx2.AsyncHTTPTransport(verify=authorities, trust_env=False)
        address = address_of(egress.proxy, os.environ, Path.read_text)
        self._proxied = httpx2.AsyncHTTPTransport(verify=authorities, trust_env=False, proxy=address)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        chosen = self._proxied if self._egress.proxy_for(request.url.host) else self._direct
        return await chosen.handle_async_request(request)

    async def aclose(self) -> None:
        await self._direct.aclose()
        await self._proxied.aclose()
