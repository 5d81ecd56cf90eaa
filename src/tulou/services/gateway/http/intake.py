"""Reads a request's body, within its cap and within what all bodies may take together."""

from starlette.types import Receive

from tulou.services.gateway.http.arrival import Headers
from tulou.services.gateway.refusals import BodyTooLargeError, MalformedError
from tulou.services.gateway.turnstile import Turnstile


async def read_body(receive: Receive, headers: Headers, turnstile: Turnstile, *, at_most: int) -> bytes:
    """Return the body; its size is carried by the turnstile until the caller drops it.

    Raise `BodyTooLargeError` before reading when the head says so already, `OverloadedError` when memory is short.
    """
    _check(_stated_length(headers), at_most)
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        _check(len(body), at_most)
        turnstile.carry(len(body))
        return body
    return await _read_on(receive, body, turnstile, at_most=at_most)


async def _read_on(receive: Receive, first: bytes, turnstile: Turnstile, *, at_most: int) -> bytes:
    pieces = [first]
    turnstile.carry(len(first))
    size = len(first)
    try:
        while True:
            message = await receive()
            piece: bytes = message.get("body", b"")
            turnstile.carry(len(piece))
            size += len(piece)
            _check(size, at_most)
            pieces.append(piece)
            if not message.get("more_body"):
                return b"".join(pieces)
    except BaseException:
        turnstile.drop(size)
        raise


def _stated_length(headers: Headers) -> int:
    try:
        return int(headers.get(b"content-length", b"0"))
    except ValueError as error:
        raise MalformedError("content-length is not a number") from error


def _check(size: int, at_most: int) -> None:
    if size > at_most:
        raise BodyTooLargeError(f"the body is larger than {at_most} bytes; the setting is [gateway] body_bytes")
