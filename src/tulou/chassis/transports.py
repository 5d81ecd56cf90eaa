"""Two ways to carry an operation: through bytes in this process, and over HTTP to another.

The context travels too: as it is in process, in the `x-tulou-context` header between processes.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx2
import msgspec

from tulou.chassis.context_header import written
from tulou.kernel.addresses import without_userinfo
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ERRORS, TulouError, UnavailableError
from tulou.kernel.message import message
from tulou.kernel.operation import Operation, Req, Res, StreamOperation

CONTEXT_HEADER = "x-tulou-context"
CALL_TIMEOUT_S = 30.0
STREAM_IDLE_S = 15.0
"""A hosted stream sends an empty line at least every third of this, so silence means that the other side is gone."""


@message
class WireFault:
    """How an error looks on the wire."""

    code: str
    detail: str
    param: str | None = None
    retry_after_s: float | None = None

    @staticmethod
    def of(error: TulouError) -> "WireFault":
        """Return the wire form of an error."""
        return WireFault(code=error.code, detail=str(error), param=error.param, retry_after_s=error.retry_after_s)

    def error(self) -> TulouError:
        """Return the error that this was made of; an unknown code becomes a plain `TulouError`."""
        kind = ERRORS.get(self.code, TulouError)
        return kind(self.detail, param=self.param, retry_after_s=self.retry_after_s)


class WireTransport:
    """Encode and decode every message without leaving the process."""

    def __init__(self, handlers: Mapping[str, Callable[[Any], Any]]) -> None:
        self._handlers = handlers

    async def call(self, operation: Operation[Req, Res], request: Req) -> Res:
        """Answer as a service in another process would."""
        sent = msgspec.json.decode(msgspec.json.encode(request), type=operation.request)
        try:
            reply = await self._handlers[operation.name](sent)
        except TulouError as error:
            raise WireFault.of(error).error() from error
        return msgspec.json.decode(msgspec.json.encode(reply), type=operation.reply)

    async def stream(self, operation: StreamOperation[Req, Res], request: Req) -> AsyncIterator[Res]:
        """Yield what a service in another process would send."""
        sent = msgspec.json.decode(msgspec.json.encode(request), type=operation.request)
        try:
            async for reply in self._handlers[operation.name](sent):
                yield msgspec.json.decode(msgspec.json.encode(reply), type=operation.reply)
        except TulouError as error:
            raise WireFault.of(error).error() from error


class HttpTransport:
    """Post to `/rpc/<operation>`; streams come back as one JSON document a line, a fault as `{"fault": ...}`."""

    def __init__(self, base_url: str, http: httpx2.AsyncClient, *, token: str = "") -> None:
        self._base_url = base_url
        self._http = http
        self._authorization = f"Bearer {token}"

    async def call(self, operation: Operation[Req, Res], request: Req) -> Res:
        """Ask the other process, at most `CALL_TIMEOUT_S` long; raise `UnavailableError` if it is not there."""
        try:
            reply = await self._http.post(
                self._url(operation.name),
                content=msgspec.json.encode(request),
                headers=self._headers(),
                timeout=CALL_TIMEOUT_S,
            )
            if reply.is_error:
                raise _fault(reply.content).error()
            return msgspec.json.decode(reply.content, type=operation.reply)
        except (httpx2.RequestError, msgspec.MsgspecError) as error:
            raise _unavailable(operation.name, self._base_url, error) from error

    async def stream(self, operation: StreamOperation[Req, Res], request: Req) -> AsyncIterator[Res]:
        """Yield what the other process sends; raise `UnavailableError` when the line goes dead."""
        timeout = httpx2.Timeout(CALL_TIMEOUT_S, read=STREAM_IDLE_S)
        content = msgspec.json.encode(request)
        try:
            async with self._http.stream(
                "POST", self._url(operation.name), content=content, headers=self._headers(), timeout=timeout
            ) as reply:
                if reply.is_error:
                    raise _fault(await reply.aread()).error()
                async for line in reply.aiter_lines():
                    if line.startswith('{"fault":'):
                        raise msgspec.json.decode(line, type=dict[str, WireFault])["fault"].error()
                    if line:
                        yield msgspec.json.decode(line, type=operation.reply)
        except (httpx2.RequestError, msgspec.MsgspecError) as error:
            raise _unavailable(operation.name, self._base_url, error) from error

    def _url(self, name: str) -> str:
        return f"{self._base_url}/rpc/{name}"

    def _headers(self) -> dict[str, str]:
        return {"authorization": self._authorization, CONTEXT_HEADER: written(CONTEXT.get())}


def _unavailable(operation: str, url: str, error: Exception) -> UnavailableError:
    url = without_userinfo(url)
    if isinstance(error, msgspec.MsgspecError):  # another program, or another version of this one
        return UnavailableError(f"{operation}: {url} answered something else ({error}); mend [remotes] or its version")
    return UnavailableError(f"{operation}: no answer from {url} ({type(error).__name__}); is that process running?")


def _fault(content: bytes) -> WireFault:
    try:
        return msgspec.json.decode(content, type=WireFault)
    except msgspec.MsgspecError:
        return WireFault(code=UnavailableError.code, detail=f"unexpected answer: {content[:200]!r}")
