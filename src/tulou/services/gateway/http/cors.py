"""Lets pages of other origins call the gate, where the settings say so; off otherwise."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tulou.chassis.http.request import Header
from tulou.services.gateway.http.reply import reply

METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
EXPOSED = (
    b"x-request-id, x-tulou-model, x-tulou-replica, x-tulou-overhead-ms, "
    b"x-tulou-cost, x-tulou-dropped, x-tulou-counted, retry-after"
)


class Cors:
    """Wraps an application; only origins of the list get headers."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer preflights, and add headers to the rest."""
        given: dict[bytes, bytes] = dict(scope["headers"])
        origin = given.get(b"origin")
        if origin is None or not (origin in self._origins or b"*" in self._origins):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and b"access-control-request-method" in given:
            wanted = given.get(b"access-control-request-headers", b"authorization, content-type")
            headers = [*_allowed(origin), (b"access-control-allow-methods", METHODS)]
            await reply(send, 204, [*headers, (b"access-control-allow-headers", wanted)], b"")
        else:
            await self._app(scope, receive, _adding(send, origin))


def _allowed(origin: bytes) -> list[Header]:
    return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]


def _adding(send: Send, origin: bytes) -> Send:
    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            exposed = (b"access-control-expose-headers", EXPOSED)
            message = {**message, "headers": [*message["headers"], *_allowed(origin), exposed]}
        await send(message)

    return adding
