"""Bodies that are JSON to the letter: Python also reads `NaN` and `1e999`, which JSON cannot hold."""

import msgspec
from starlette.requests import Request

from tulou.kernel.errors import InvalidError


async def strict_json(request: Request) -> None:
    """Raise `InvalidError` for a body that another JSON reader would refuse, such as the one of our own stores."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        return  # an upload: read as it comes, and not as JSON by anybody
    body = await request.body()
    if not body:
        return
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidError(f"the body is not JSON: {error}") from error
