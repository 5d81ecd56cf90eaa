"""The one shape in which we refuse: `{"error": {"message", "type", "param", "code"}}`, as OpenAI's clients read it."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

TYPES: Mapping[int, str] = MappingProxyType(
    {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        405: "invalid_request_error",
        409: "conflict_error",
        413: "invalid_request_error",
        429: "rate_limit_error",
    }
)
"""The error types that OpenAI's clients know, by status; every other status is a `server_error`."""

NOTHING: Mapping[str, object] = MappingProxyType({})


def error_type(status: int) -> str:
    """Return OpenAI's word for an HTTP status."""
    return TYPES.get(status, "server_error")


def error_body(message: str, *, kind: str, param: str | None, code: str, more: Mapping[str, object] = NOTHING) -> bytes:
    """Return the JSON of an error; `kind` is its type, `param` names the offending field, `code` is stable."""
    return msgspec.json.encode({"error": {"message": message, "type": kind, "param": param, "code": code, **more}})
