"""The outermost layer of each request: its id, its context, and the net under what nobody expected."""

import re

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tulou.chassis.rest.errors import refuse
from tulou.chassis.rest.reasons import reason_of
from tulou.kernel.context import CONTEXT, Context
from tulou.kernel.errors import TulouError
from tulou.kernel.ids import new_id

REQUEST_ID = "x-request-id"

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class RequestScope:
    """Middleware: gives a request its id (the caller's, if it has a sane one) and its context."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever goes wrong inside is answered and logged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = _context(Headers(scope=scope))
        reply = _Reply(send, context.request_id)
        token = CONTEXT.set(context)
        try:
            await self._app(scope, receive, reply.send)
        except ClientDisconnect:
            log.info("request_abandoned", request_id=context.request_id, path=scope["path"])
        except Exception:  # the edge of a request: nothing of this must reach the caller
            log.exception("request_failed", request_id=context.request_id, path=scope["path"])
            if reply.started:
                raise  # too late for an answer: the server must cut the connection
            await _apologise(context.request_id)(scope, receive, reply.send)
        finally:
            CONTEXT.reset(token)


class _Reply:
    """Puts the request's id on the reply, and knows whether the reply has begun."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            MutableHeaders(scope=message)[REQUEST_ID] = self._request_id
        await self._send(message)


def _context(headers: Headers) -> Context:
    given, trace = headers.get(REQUEST_ID, ""), headers.get("traceparent", "")
    return Context(
        request_id=given if _SAFE_ID.fullmatch(given) else new_id("req"),
        traceparent=trace if _TRACEPARENT.fullmatch(trace) else "",
        reason=reason_of(headers),
    )


def _apologise(request_id: str) -> ASGIApp:
    return refuse(TulouError(f"something failed on our side; the log tells what, under request id {request_id}"))
