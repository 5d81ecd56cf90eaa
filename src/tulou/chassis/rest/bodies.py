"""Bodies of requests: how large a route takes them, and that they are JSON to the letter.

Python also reads `NaN` and `1e999`, which JSON cannot hold.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi.routing import APIRoute
from starlette.requests import Request

from tulou.kernel.errors import InvalidError

BODY_BYTES = 1024 * 1024
"""The API carries descriptions of things, never the things themselves."""
PUBLIC_BYTES = 16 * 1024
"""What a route takes of somebody who has not proved anything: enough to sign in."""
DOCUMENT_BYTES = 4 * 1024 * 1024
"""For routes that take a whole document: a million characters, each of which JSON may escape."""

_BYTES, _STREAMED = "x-body-bytes", "x-body-streamed"
_FORM = "multipart/form-data"


def takes(at_most: int) -> dict[str, Any]:
    """Return the `openapi_extra` of a route whose bodies are larger than usual, in bytes."""
    return {_BYTES: at_most}


def streams() -> dict[str, Any]:
    """Return the `openapi_extra` of a route that reads forms piece by piece, and has a cap of its own for them."""
    return {_STREAMED: True}


def cap_of(route: object, content_type: str) -> int | None:
    """Return how many bytes of a body a route takes; None if it counts them itself."""
    declared: Mapping[str, Any] = (route.openapi_extra if isinstance(route, APIRoute) else None) or {}
    if declared.get(_STREAMED) and content_type.startswith(_FORM):
        return None
    return declared.get(_BYTES, BODY_BYTES)


async def strict_json(request: Request) -> None:
    """Raise `InvalidError` for a body that another JSON reader would refuse, such as the one of our own stores."""
    if request.headers.get("content-type", "").startswith(_FORM):
        return  # an upload: read as it comes, and not as JSON by anybody
    body = await request.body()
    if not body:
        return
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidError(f"the body is not JSON: {error}") from error
