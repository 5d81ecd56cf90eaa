"""Work that is given up the moment the client who wanted it is gone."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tulou.kernel.errors import TulouError
from tulou.services.replica.host.replies import fault_event

T = TypeVar("T")


async def while_connected(receive: Receive, work: Coroutine[object, object, T]) -> T:
    """Return what the work returns; cancel it and raise `ClientDisconnect` when the client leaves first."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


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
        del scope
        try:
            await while_connected(receive, self._send_all(send))
        except ClientDisconnect:
            return
        finally:
            await self._events.aclose()

    async def _send_all(self, send: Send) -> None:
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


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
