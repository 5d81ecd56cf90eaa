"""Who sends a body is known before a byte of it is read, and no more of it is read than its route takes.

FastAPI reads a body before it asks the dependencies that would turn its sender away. Here the first byte is only given
to a route once its caller is known, so that whoever brings no proof costs no memory.
"""

from collections.abc import Awaitable, Callable, Container
from typing import NamedTuple

from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tulou.chassis.rest.bodies import PUBLIC_BYTES, cap_of
from tulou.chassis.rest.elements import check_elements
from tulou.chassis.rest.errors import RefusedBodyError
from tulou.chassis.rest.identification import Identification
from tulou.kernel.errors import TooLargeError, TulouError, UnavailableError
from tulou.kernel.shares import FairShares

BODIES_BYTES = 16 * 1024 * 1024
"""What bodies may take together while they are worked on; one of many tiny elements takes twenty times as much."""
RPC = "/rpc/"
"""Contracts between our own processes: these routes look at the house's token, and cap what they read, themselves."""


class BodyIntake(NamedTuple):
    """Whose body it is, and how many bytes of it are taken; None if the route counts them itself."""

    tenant: str
    at_most: int | None


class BodyMiddleware:
    """Middleware: gives a route the body of a request when its caller is known, up to the route's cap.

    `public` are the endpoints that ask for no key; what is no route of ours is treated as one of them.
    """

    def __init__(self, app: ASGIApp, *, identify: Identification, public: Container[object] = ()) -> None:
        self._app = app
        self._identify = identify
        self._public = public
        self._shares = FairShares(BODIES_BYTES, refusal=_busy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(RPC) or not _has_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        body = _Body(Request(scope), receive, self._unlock, self._shares)
        try:
            await self._app(scope, body.receive, send)
        finally:
            body.drop()

    async def _unlock(self, request: Request) -> BodyIntake:
        """Return whose body it is and how much of it is taken; raise what `Identification` raises."""
        route = request.scope.get("route")
        if not isinstance(route, APIRoute) or route.endpoint in self._public:
            return BodyIntake(tenant="", at_most=PUBLIC_BYTES)
        caller = await self._identify(request)
        return BodyIntake(tenant=caller.tenant, at_most=cap_of(route, request.headers.get("content-type", "")))


class _Body:
    """The body of one request: nobody's until its route is known, and who asks."""

    def __init__(
        self, request: Request, receive: Receive, unlock: Callable[[Request], Awaitable[BodyIntake]], shares: FairShares
    ) -> None:
        self._request = request
        self._receive = receive
        self._unlock = unlock
        self._shares = shares
        self._intake: BodyIntake | None = None
        self._size = 0

    async def receive(self) -> Message:
        """Return the whole body, or its next piece where the route counts it itself; raise `RefusedBodyError`."""
        try:
            intake = self._intake or await self._open()
            message = await self._receive()
            if intake.at_most is not None and message["type"] == "http.request":
                return await self._gather(intake, message)
        except TulouError as error:
            raise RefusedBodyError(error) from error
        return message

    def drop(self) -> None:
        """Let go of what the body takes of all bodies' room."""
        if self._intake is not None:
            self._shares.give(self._intake.tenant, self._size)
        self._size = 0

    async def _open(self) -> BodyIntake:
        intake = self._intake = await self._unlock(self._request)
        stated = self._request.headers.get("content-length", "")
        if stated.isdigit():
            _check(intake, int(stated))
        return intake

    async def _gather(self, intake: BodyIntake, message: Message) -> Message:
        body = bytearray()
        while message["type"] == "http.request":
            piece: bytes = message.get("body", b"")
            _check(intake, len(body) + len(piece))
            self._shares.take(intake.tenant, len(piece))
            self._size += len(piece)
            body += piece
            if not message.get("more_body", False):
                check_elements(body)
                return {"type": "http.request", "body": bytes(body), "more_body": False}
            message = await self._receive()
        return message


def _check(intake: BodyIntake, size: int) -> None:
    if intake.at_most is not None and size > intake.at_most:
        raise TooLargeError(f"the body is larger than {intake.at_most} bytes, which is all that this route takes")


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _busy(why: str) -> TulouError:
    return UnavailableError(f"request bodies take all the memory that they may: {why} (bytes)", retry_after_s=1.0)
