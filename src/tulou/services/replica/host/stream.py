"""An answer that is written while the engine makes it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tulou.kernel.errors import TulouError
from tulou.services.replica.host.replies import fault_event


class EventStream(Response):
    """Server-sent events; `events` is closed when the last is sent, or at once when the client leaves."""

    media_type = "text/event-stream"

    def __init__(self, first: bytes, events: AsyncGenerator[bytes]) -> None:
        super().__init__(headers={"cache-control": "no-cache"})
        del self.headers["content-length"]
        self._first = first
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; a failure half-way becomes the last of them."""
        del scope, receive
        async with aclosing(self._events):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await _send_part(send, self._first)
            try:
                async for event in self._events:
                    await _send_part(send, event)
            except TulouError as error:
                await _send_part(send, fault_event(error))
            await send({"type": "http.response.body", "body": b""})


async def _send_part(send: Send, part: bytes) -> None:
    await send({"type": "http.response.body", "body": part, "more_body": True})
