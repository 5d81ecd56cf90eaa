"""Small complete answers over raw ASGI."""

import msgspec
from starlette.types import Send

from tulou.chassis.http.request import Header
from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.errors import JSON, error_headers, told

PIECE_BYTES = 64 * 1024
TEXT: Header = (b"content-type", b"text/plain; charset=utf-8")


async def reply(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    """Send an answer whole."""
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if len(body) > PIECE_BYTES:
        body = await all_but_last(send, body)
    await send({"type": "http.response.body", "body": body})


async def all_but_last(send: Send, body: bytes) -> bytes:
    """Send a large body as fast as the client reads, up to its last piece; return that."""
    last = (len(body) - 1) // PIECE_BYTES * PIECE_BYTES
    for at in range(0, last, PIECE_BYTES):
        await send({"type": "http.response.body", "body": body[at : at + PIECE_BYTES], "more_body": True})
    return body[last:]


async def reply_json(send: Send, value: object, *, status: int = 200, headers: tuple[Header, ...] = ()) -> None:
    """Send a value as JSON."""
    await reply(send, status, [JSON, *headers], msgspec.json.encode(value))


async def refuse(send: Send, error: TulouError, headers: tuple[Header, ...] = (), *, endpoint: Endpoint) -> None:
    """Send an error; a body that was not read makes the connection useless, so it is closed."""
    said = told(endpoint, error, "")
    await reply(send, said.status, [*error_headers(error), *headers], said.body)
