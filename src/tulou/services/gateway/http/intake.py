"""Reads a request's body, within its cap and within what the bodies of its tenant, and all, may take together."""

from starlette.types import Receive

from tulou.services.gateway.http.arrival import Headers
from tulou.services.gateway.refusals import BodyTooLargeError, MalformedError
from tulou.services.gateway.turnstile import Turnstile


async def read_body(receive: Receive, headers: Headers, turnstile: Turnstile, *, tenant: str, at_most: int) -> bytes:
    """Return the body; its size is carried by the turnstile for its tenant until the caller drops it.

    Raise `BodyTooLargeError` before reading when the head says so already, `OverloadedError` when memory is short.
    """
    stated = _stated_length(headers)
    _check(stated, at_most)
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        _check(len(body), at_most)
        turnstile.carry(len(body), tenant)
        return body
    reserved = max(stated, len(body))
    turnstile.carry(reserved, tenant)  # all of it at once: who waited for room with a half would hold it from others
    return await _read_on(receive, [body], _Reservation(turnstile, tenant, reserved), at_most)


class _Reservation:
    """Room for one body, which grows with a body that did not say its length."""

    def __init__(self, turnstile: Turnstile, tenant: str, size: int) -> None:
        self._turnstile = turnstile
        self._tenant = tenant
        self._size = size

    def hold(self, size: int) -> None:
        if size > self._size:
            self._turnstile.carry(size - self._size, self._tenant)
            self._size = size

    def drop(self) -> None:
        self._turnstile.drop(self._size, self._tenant)


async def _read_on(receive: Receive, pieces: list[bytes], reservation: _Reservation, at_most: int) -> bytes:
    size = len(pieces[0])
    try:
        while True:
            message = await receive()
            piece: bytes = message.get("body", b"")
            size += len(piece)
            _check(size, at_most)
            reservation.hold(size)
            pieces.append(piece)
            if not message.get("more_body"):
                return b"".join(pieces)
    except BaseException:
        reservation.drop()
        raise


def _stated_length(headers: Headers) -> int:
    try:
        return int(headers.get(b"content-length", b"0"))
    except ValueError as error:
        raise MalformedError("content-length is not a number") from error


def _check(size: int, at_most: int) -> None:
    if size > at_most:
        raise BodyTooLargeError(f"the body is larger than {at_most} bytes; the setting is [gateway] body_bytes")
