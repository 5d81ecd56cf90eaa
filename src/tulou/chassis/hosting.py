"""Put the operations of local services behind HTTP, for the clients of other processes."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tulou.chassis.actors import check_actor
from tulou.chassis.component import Component
from tulou.chassis.context_header import read
from tulou.chassis.operations import AnyOperation, operations_of
from tulou.chassis.transports import CONTEXT_HEADER, STREAM_IDLE_S, WireFault
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import InvalidError, TooLargeError, TulouError, UnauthenticatedError
from tulou.kernel.operation import StreamOperation

MESSAGE_BYTES = 64 * 1024 * 1024
"""The largest message between processes of a house: an answer that is kept is a third of it, in base64 and with all."""


def rpc_routes(component: Component, service: object, *, token: str) -> list[Route]:
    """Return one POST route for each operation; callers must bring the house's token."""
    strangers = {method.__name__ for method in component.strangers}
    return [
        _route(operation, getattr(service, name), token, by_anybody=name in strangers)
        for name, operation in operations_of(component.contract).items()
    ]


def _route(operation: AnyOperation, handler: Callable[[Any], Any], token: str, *, by_anybody: bool) -> Route:
    async def asked(request: Request) -> object:
        message = await _message(request, operation, token)
        if not by_anybody:
            check_actor("call", operation.name)
        return message

    async def unary(request: Request) -> Response:
        try:
            message = await asked(request)
            return Response(msgspec.json.encode(await handler(message)), media_type="application/json")
        except TulouError as error:
            return _refusal(error)

    async def streaming(request: Request) -> Response:
        try:
            message = await asked(request)
        except TulouError as error:
            return _refusal(error)
        return StreamingResponse(_lines(handler(message)), media_type="application/x-ndjson")

    endpoint = streaming if isinstance(operation, StreamOperation) else unary
    return Route(f"/rpc/{operation.name}", endpoint, methods=["POST"])


async def _message(request: Request, operation: AnyOperation, token: str) -> object:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise UnauthenticatedError(f"{operation.name}: the house token is missing or wrong")
    try:
        CONTEXT.set(read(request.headers.get(CONTEXT_HEADER)))
        return msgspec.json.decode(await _body(request, operation), type=operation.request)
    except msgspec.MsgspecError as error:
        raise InvalidError(f"{operation.name}: {error}") from error


async def _body(request: Request, operation: AnyOperation) -> bytes:
    """Read a message; raise `TooLargeError` for one that none of our own processes would send."""
    stated = request.headers.get("content-length", "")
    _check(int(stated) if stated.isdigit() else 0, operation)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        _check(len(body), operation)
    return bytes(body)


def _check(size: int, operation: AnyOperation) -> None:
    if size > MESSAGE_BYTES:
        raise TooLargeError(f"{operation.name}: the message is larger than {MESSAGE_BYTES} bytes")


def _refusal(error: TulouError) -> Response:
    return Response(msgspec.json.encode(WireFault.of(error)), status_code=error.status, media_type="application/json")


async def _lines(replies: AsyncIterator[object]) -> AsyncIterator[bytes]:
    """Encode a line a reply, and an empty line whenever nothing came for a while, so that a dead line shows."""
    pending = asyncio.ensure_future(anext(replies))
    try:
        while True:
            done, _ = await asyncio.wait({pending}, timeout=STREAM_IDLE_S / 3)
            if not done:
                yield b"\n"
                continue
            yield msgspec.json.encode(pending.result()) + b"\n"
            pending = asyncio.ensure_future(anext(replies))
    except StopAsyncIteration:
        return
    except TulouError as error:
        yield msgspec.json.encode({"fault": WireFault.of(error)}) + b"\n"
    finally:
        pending.cancel()
        await asyncio.gather(pending, return_exceptions=True)
