"""Ask servers that tests run: over loopback, without TLS, and with all the time that a busy machine needs."""

import ssl
from typing import Any

import httpx2

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: to read the machine's authorities takes each new client a tenth of a second."""


def http_client(url: str = "", **options: Any) -> httpx2.AsyncClient:
    """Return a client, which its caller closes; paths are joined to the URL."""
    return httpx2.AsyncClient(base_url=url, verify=PLAIN, trust_env=False, timeout=60, **options)
