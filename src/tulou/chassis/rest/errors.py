"""Every failure of the REST API in one shape: `{"error": {"message", "type", "param", "code"}}`."""

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tulou.chassis.refusals import LIMITS, AddressLimitedError
from tulou.kernel.errors import ERRORS, InvalidError, TulouError, UnauthenticatedError
from tulou.kernel.message import message

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
}
"""The error types that OpenAI's clients know, by status; every other status is a `server_error`."""

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


def error_type(status: int) -> str:
    """Return OpenAI's word for an HTTP status."""
    return TYPES.get(status, "server_error")


def refuse(error: TulouError) -> Response:
    """Return the reply to a request that ended in this error."""
    param = None if error.param is None else _writable(error.param)
    detail = {
        "message": _writable(str(error)),
        "type": error_type(error.status),
        "param": param,
        "code": error.code,
    }
    headers: dict[str, str] = {}
    if isinstance(error, UnauthenticatedError):
        headers["www-authenticate"] = "Bearer"
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, AddressLimitedError):
        headers[LIMITS] = "address"
    return JSONResponse({"error": detail}, status_code=error.status, headers=headers)


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
