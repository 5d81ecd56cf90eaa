"""Errors as the clients of each dialect expect them: each status raises the class of that name in its client."""

from collections.abc import Sequence
from math import ceil
from types import MappingProxyType
from typing import NamedTuple

from tulou.chassis.error_bodies import error_body as openai_body
from tulou.chassis.error_bodies import error_type
from tulou.chassis.http.request import Header
from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.kernel.errors import TulouError
from tulou.services.gateway.dialects.catalogue import CLIENTS
from tulou.services.gateway.refusals import SpentError, WrongTypeError
from tulou.services.gateway.stack.call import FailedAttempt

JSON: Header = (b"content-type", b"application/json")

_CODES = MappingProxyType({"limited": "rate_limit_exceeded"})
RETRIABLE = frozenset({408, 409, 429})
FINAL = frozenset({"insufficient_quota", "replica_crashed"})
"""What no second attempt mends before a day or a month is over, and what would take down more."""
SERVER = 500

ANTHROPIC: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.vendor == "anthropic"))
UNAVAILABLE, OVERLOADED = 503, 529
"""What Anthropic's clients know as overload."""


class RefusalReplyParts(NamedTuple):
    """A refusal as it goes out."""

    status: int
    body: bytes


def told(
    endpoint: Endpoint, error: TulouError, request_id: str, attempts: Sequence[FailedAttempt] = ()
) -> RefusalReplyParts:
    """Return the status and the body of an error at an endpoint."""
    if endpoint not in ANTHROPIC:
        return RefusalReplyParts(error.status, error_body(error, attempts))
    status = OVERLOADED if error.status == UNAVAILABLE else error.status
    code, words = error_code(error), str(error)
    body = CLIENTS["messages"].write_error(
        status=status, message=words, code=code, param=error.param, request_id=request_id
    )
    return RefusalReplyParts(status, body)


def error_body(error: TulouError, attempts: Sequence[FailedAttempt] = ()) -> bytes:
    """Return the JSON of an error as OpenAI writes it; `attempts` are listed when there were several.

    `upstream` is what the last of them said, where it said something.
    """
    more: dict[str, object] = {}
    if isinstance(error, WrongTypeError):
        more["pointer"] = error.pointer
    if attempts and attempts[-1].said:
        last = attempts[-1]
        more["upstream"] = {"status": last.status, "code": last.code or None, "message": last.message or None}
    if len(attempts) > 1:
        more["attempts"] = [_listed(attempt) for attempt in attempts]
    kind, code = error_type(error.status), error_code(error)
    return openai_body(str(error), kind=kind, param=error.param, code=code, more=more)


def _listed(attempt: FailedAttempt) -> dict[str, object]:
    return {name: getattr(attempt, name) for name in ("replica", "outcome", "took_ms", "status", "said")}


def error_code(error: TulouError) -> str:
    """Return the stable code of an error."""
    return _CODES.get(error.code, error.code)


def error_headers(error: TulouError) -> list[Header]:
    """Return the headers that tell a client whether to try again, and when."""
    final = error.code in FINAL or isinstance(error, SpentError)
    again = (error.status >= SERVER or error.status in RETRIABLE) and not final
    headers = [JSON, (b"x-should-retry", b"true" if again else b"false")]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % ceil(error.retry_after_s)))
        headers.append((b"retry-after-ms", b"%d" % ceil(error.retry_after_s * 1000)))
    return headers
