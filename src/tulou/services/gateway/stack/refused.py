"""What an engine says when it refuses a request, in the one shape that clients know; engines differ."""

import msgspec

from tulou.chassis.error_bodies import error_body
from tulou.services.gateway.dialects.errors import number_text, words_of

WORDS = 2000


class _Fault(msgspec.Struct):
    message: object = None
    type: object = None
    param: object = None
    code: object = None


class _Said(msgspec.Struct):
    error: _Fault | str


_DECODER = msgspec.json.Decoder(_Said)


def refused(status: int, body: bytes) -> bytes:
    """Return `{"error": {message, type, param, code}}` with all that the engine told; a number's code is text."""
    fault = _fault(body)
    return error_body(
        fault.message[:WORDS] if isinstance(fault.message, str) else f"the engine refused the request with {status}",
        kind=fault.type if isinstance(fault.type, str) else words_of(status).openai,
        param=fault.param if isinstance(fault.param, str) else None,
        code=_code(fault.code),
    )


def _code(said: object) -> str:
    return said if isinstance(said, str) and said else number_text(said) or "refused_by_engine"


def _fault(body: bytes) -> _Fault:
    try:
        error = _DECODER.decode(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        text = body[:WORDS].decode("utf-8", "replace").strip()
        return _Fault(message=text or None)
    return _Fault(message=error) if isinstance(error, str) else error
