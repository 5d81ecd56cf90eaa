"""Every failure of the REST API in one shape: `{"error": {"message", "type", "param", "code"}}`."""

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tulou.chassis.error_bodies import error_body, error_type
from tulou.chassis.refusals import LIMITS, AddressLimitedError
from tulou.chassis.rest.notes import notes_of
from tulou.kernel.errors import ERRORS, InvalidError, TulouError, UnauthenticatedError
from tulou.kernel.message import message

_BY_STATUS = {error.status: error for error in ERRORS.values()}


@message
class ErrorDetail:
    """What was wrong; `param` names the offending field, `code` is stable."""

    message: str
    type: str
    param: str | None
    code: str


@message
class ErrorReply:
    """The body of every reply that is not a success."""

    error: ErrorDetail


class RefusedBodyError(HTTPException):
    """Carries why a body is not read: FastAPI would hide any other error that comes out of reading one."""

    def __init__(self, error: TulouError) -> None:
        super().__init__(error.status, str(error))
        self.error = error


class ErrorResponse(Response):
    """A reply that notes what it refuses with, for the audit trail."""

    media_type = "application/json"

    def __init__(self, error: TulouError, words: str, *, body: bytes, headers: dict[str, str]) -> None:
        super().__init__(body, status_code=error.status, headers=headers)
        self._code = error.code
        self._words = words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note why, then send."""
        notes = notes_of(scope)
        notes.code, notes.why = self._code, self._words
        await super().__call__(scope, receive, send)


def refuse(error: TulouError) -> Response:
    """Return the reply to a request that ended in this error."""
    param = None if error.param is None else _writable(error.param)
    words = _writable(str(error))
    body = error_body(words, kind=error_type(error.status), param=param, code=error.code)
    headers: dict[str, str] = {}
    if isinstance(error, UnauthenticatedError):
        headers["www-authenticate"] = "Bearer"
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, AddressLimitedError):
        headers[LIMITS] = "address"
    return ErrorResponse(error, words, body=body, headers=headers)


def _writable(text: str) -> str:
    """Return a text without halves of surrogate pairs, which may have come in and cannot go out."""
    return text.encode("utf-8", "replace").decode()


async def on_tulou_error(_: Request, error: Exception) -> Response:
    """Answer for an error that a service raised."""
    return refuse(error if isinstance(error, TulouError) else TulouError(str(error)))


async def on_invalid_request(_: Request, error: Exception) -> Response:
    """Answer for a body or a parameter that does not fit; say which and why, never what was in it."""
    faults: Sequence[dict[str, Any]] = error.errors() if isinstance(error, RequestValidationError) else []
    return refuse(_invalid(faults[0]) if faults else InvalidError("the request does not fit this route; see /docs"))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer for what the web framework itself refuses, such as unknown routes; and for a body that is not read."""
    if isinstance(error, RefusedBodyError):
        return refuse(error.error)
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    asked = f"{request.method} {request.scope['path']}"
    if status in (404, 405):
        detail = f"no route {asked}; /docs lists those there are"
    reply = refuse(_BY_STATUS.get(status, InvalidError)(detail))
    reply.status_code = status
    if isinstance(error, HTTPException):
        reply.headers.update(error.headers or {})
    return reply


def _invalid(fault: dict[str, Any]) -> InvalidError:
    location: tuple[str | int, ...] = fault["loc"]
    if fault["type"] == "json_invalid":
        why = fault.get("ctx", {}).get("error", "")
        return InvalidError(f"the body is not JSON: {why} at character {location[-1]}")
    path = _json_path(location[1:])
    return InvalidError(f"{path or location[0]}: {fault['msg']}", param=path or None)


def _json_path(location: Sequence[str | int]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(steps).removeprefix(".")
