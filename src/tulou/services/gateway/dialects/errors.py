"""Refusals and failures: what an upstream's mean to us, and how each client dialect says ours.

One table of statuses stands for all dialects, since their errors differ in words and not in what a caller can do.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from tulou.chassis.error_bodies import error_body
from tulou.kernel.errors import (
    ConflictError,
    DeadlineError,
    ForbiddenError,
    InvalidError,
    LimitedError,
    NotFoundError,
    TooLargeError,
    TulouError,
    UnauthenticatedError,
    UnavailableError,
    UpstreamError,
)
from tulou.kernel.numbers import bounded_int

OVERLOADED = 529
"""Anthropic's own status for an API that has more to do than it can."""

SERVER = 500
INVALID = 400
WORDS = 2000
DIGITS = 10
"""Digits that a code is below: a longer number is none that anybody documents."""


class ErrorWords(NamedTuple):
    """How the errors of a status are called: by OpenAI's clients, by Anthropic's, by Gemini, by Bedrock."""

    error: type[TulouError]
    openai: str
    anthropic: str
    gemini: str
    bedrock: str


TABLE: Mapping[int, ErrorWords] = MappingProxyType(
    {
        400: ErrorWords(
            InvalidError, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT", "ValidationException"
        ),
        401: ErrorWords(
            UnauthenticatedError,
            "authentication_error",
            "authentication_error",
            "UNAUTHENTICATED",
            "UnrecognizedClientException",
        ),
        402: ErrorWords(
            ForbiddenError, "insufficient_quota", "billing_error", "FAILED_PRECONDITION", "AccessDeniedException"
        ),
        403: ErrorWords(
            ForbiddenError, "permission_error", "permission_error", "PERMISSION_DENIED", "AccessDeniedException"
        ),
        404: ErrorWords(NotFoundError, "not_found_error", "not_found_error", "NOT_FOUND", "ResourceNotFoundException"),
        405: ErrorWords(
            InvalidError, "invalid_request_error", "invalid_request_error", "UNIMPLEMENTED", "ValidationException"
        ),
        409: ErrorWords(ConflictError, "conflict_error", "conflict_error", "ABORTED", "ConflictException"),
        413: ErrorWords(
            TooLargeError, "invalid_request_error", "request_too_large", "OUT_OF_RANGE", "ValidationException"
        ),
        422: ErrorWords(
            InvalidError, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT", "ModelErrorException"
        ),
        429: ErrorWords(
            LimitedError, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"
        ),
        500: ErrorWords(UpstreamError, "server_error", "api_error", "INTERNAL", "InternalServerException"),
        502: ErrorWords(UpstreamError, "server_error", "api_error", "INTERNAL", "ModelStreamErrorException"),
        503: ErrorWords(
            UnavailableError, "server_error", "overloaded_error", "UNAVAILABLE", "ServiceUnavailableException"
        ),
        504: ErrorWords(DeadlineError, "server_error", "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"),
        529: ErrorWords(UnavailableError, "server_error", "overloaded_error", "UNAVAILABLE", "ModelNotReadyException"),
    }
)

# Where several statuses share a name, the first of the table is meant by it.
_ROWS = sorted(TABLE.items(), reverse=True)
_ANTHROPIC = {words.anthropic: status for status, words in _ROWS} | {"overloaded_error": OVERLOADED}
_GEMINI = {words.gemini: status for status, words in _ROWS}
_BEDROCK = {words.bedrock.lower(): status for status, words in _ROWS}
_OPENAI = {words.openai: status for status, words in _ROWS} | {"rate_limit_exceeded": 429}


def words_of(status: int) -> ErrorWords:
    """Return the row of a status, or of the class that it belongs to."""
    return TABLE.get(status) or TABLE[INVALID if status < SERVER else SERVER]


def status_of(name: str, *, otherwise: int = 502) -> int:
    """Return the status of an error by the name that any vendor gives it, as streams have nothing but the name."""
    for names in (_ANTHROPIC, _GEMINI, _OPENAI):
        if name in names:
            return names[name]
    return _BEDROCK.get(name.lower(), otherwise)


def write_openai_error(*, status: int, message: str, code: str, param: str | None, request_id: str) -> bytes:
    """Return the body of a refusal in OpenAI's dialects, where the request's id goes in a header."""
    del request_id
    return error_body(message, kind=words_of(status).openai, param=param, code=code)


class VendorFault(msgspec.Struct):
    """What vendors say of an error; which fields there are differs."""

    message: object = None
    type: object = None
    param: object = None
    code: object = None
    status: object = None


class _Said(msgspec.Struct):
    error: VendorFault | str | None = None
    message: object = None
    code: object = None
    detail: object = None


_DECODER = msgspec.json.Decoder(_Said)


def read_fault(status: int, body: bytes) -> tuple[str, str, str | None]:
    """Return message, code and param of a refusal in any vendor's shape; never raise."""
    try:
        said = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        text = body[:WORDS].decode("utf-8", "replace").strip()
        return text or f"the upstream refused the request with {status}", "refused_by_upstream", None
    fault = (
        said.error
        if isinstance(said.error, VendorFault)
        else VendorFault(message=said.error or said.message, code=said.code)
    )
    message = fault.message if isinstance(fault.message, str) and fault.message else _text(said.detail)
    return (
        message[:WORDS] or f"the upstream refused the request with {status}",
        _code(fault) or "refused_by_upstream",
        fault.param if isinstance(fault.param, str) else None,
    )


def fault_status(fault: VendorFault, *, otherwise: int = 502) -> int:
    """Return the status of an error within a stream, from its code or its names."""
    for said in (fault.status, fault.code):
        if isinstance(said, int):
            return said
        if isinstance(said, str) and said.isdigit():
            return int(said)
    for said in (fault.type, fault.code, fault.status):
        if isinstance(said, str) and (status := status_of(said, otherwise=0)):
            return status
    return otherwise


def _code(fault: VendorFault) -> str:
    """Return what an error is called: by a word if it has one, else by its number."""
    return _word(fault.code) or _word(fault.status) or _word(fault.type) or number_text(fault.code)


def number_text(said: object) -> str:
    """Return a number that stands where a code is to be as the text that clients take a code for."""
    digits = isinstance(said, str) and said.isascii() and said.isdigit() and len(said) < DIGITS
    number = bounded_int(int(str(said)) if digits else said)
    return "" if number is None else str(number)


def _word(said: object) -> str:
    return said if isinstance(said, str) and not said.isdigit() else ""


def _text(said: object) -> str:
    if isinstance(said, str):
        return said
    return "" if said is None else msgspec.json.encode(said)[:WORDS].decode("utf-8", "replace")
