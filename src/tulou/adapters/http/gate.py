"""The port `Gate` over httpx2."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpx2

from tulou.kernel.errors import DeadlineError, UnavailableError
from tulou.kernel.numbers import bounded_wait, read_number
from tulou.ports.gate import GateAnswer

MOST_CONNECTIONS = 64
CONNECT_S = 5.0
ON_BEHALF_OF = "x-tulou-on-behalf-of"
PRIORITY = "x-tulou-priority"


@asynccontextmanager
async def open_gate(url: str, *, token: str) -> AsyncGenerator["HttpGate"]:
    """Keep one connection pool for as long as the block runs."""
    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS)
    async with httpx2.AsyncClient(base_url=url, limits=limits, trust_env=False) as http:
        yield HttpGate(http, token=token)


class HttpGate:
    """Shows the house's token, and says for whom it asks."""

    def __init__(self, http: httpx2.AsyncClient, *, token: str) -> None:
        self._http = http
        self._token = token

    async def post(
        self, path: str, body: bytes, *, key: str, headers: Mapping[str, str], timeout_s: float
    ) -> GateAnswer:
        """Return what the gate answers; raise `UnavailableError` when it does not, `DeadlineError` when too late."""
        sent = dict(headers) | {
            "authorization": f"Bearer {self._token}",
            ON_BEHALF_OF: key,
            PRIORITY: "batch",
            "content-type": "application/json",
        }
        timeout = httpx2.Timeout(timeout_s, connect=CONNECT_S)
        try:
            reply = await self._http.post(path, content=body, headers=sent, timeout=timeout)
        except httpx2.ReadTimeout as error:
            raise DeadlineError(f"{path}: no answer within {timeout_s:g} s") from error
        except httpx2.HTTPError as error:
            raise UnavailableError(f"{path}: the gate does not answer ({type(error).__name__})") from error
        return GateAnswer(
            status=reply.status_code,
            body=reply.content,
            request_id=reply.headers.get("x-request-id", ""),
            retry_after_s=bounded_wait(read_number(reply.headers.get("retry-after", ""))),
            again=reply.headers.get("x-should-retry", "") != "false",
        )
