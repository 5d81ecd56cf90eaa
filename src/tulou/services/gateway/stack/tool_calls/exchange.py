"""An exchange with an engine whose answer is read for calls on its way."""

from collections.abc import Awaitable, Callable

from tulou.chassis.http.errors import HttpError, OversizeError
from tulou.chassis.http.exchange import Exchange
from tulou.services.gateway.stack.tool_calls.answer import whole_answer
from tulou.services.gateway.stack.tool_calls.offer import Offer
from tulou.services.gateway.stack.tool_calls.stream import ToolCallStream


class ToolCallExchange(Exchange):
    """Stands before another exchange, and is read in its place."""

    def __init__(self, inner: Exchange, offer: Offer) -> None:
        self._inner = inner
        self._offer = offer
        self._stream = ToolCallStream(offer) if b"event-stream" in inner.header(b"content-type") else None
        self._ended = False
        self._broken: HttpError | None = None
        self.status = inner.status
        self.total_due = inner.total_due
        self.headers = [pair for pair in inner.headers if pair[0] != b"content-length"]

    async def chunk(self) -> bytes:
        """Return what may be passed on, waiting for some; nothing at the end."""
        if self._stream is None:
            return await self._inner.chunk()
        while not self._ended:
            try:
                data = await self._inner.chunk()
            except HttpError as error:
                self._broken, data = error, b""  # what was held back goes out first
            self._ended = not data
            if out := self._stream.feed(data) if data else self._stream.end():
                return out
        if self._broken is not None:
            raise self._broken
        return b""

    @property
    def withheld(self) -> int:
        """How many events have come that have not gone out yet."""
        return self._stream.held if self._stream is not None else 0

    async def read(self, *, at_most: int, large: Callable[[], Awaitable[None]] | None = None) -> bytes:
        """Return the whole body; raise `OversizeError` when it is larger than `at_most` bytes."""
        if self._stream is None:
            return whole_answer(await self._inner.read(at_most=at_most, large=large), self._offer)
        pieces: list[bytes] = []
        size = 0
        while piece := await self.chunk():
            pieces.append(piece)
            size += len(piece)
            if size > at_most:
                raise OversizeError(f"the answer is larger than {at_most} bytes")
        return b"".join(pieces)

    def close(self) -> None:
        """Close the other one."""
        self._inner.close()
