"""How a vendor speaks: what it says when all goes well, and what it says when not."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import Send

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, reply, upstream

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Saying:
    """One answer, whole and as the frames of a stream."""

    whole: Json
    frames: Sequence[bytes]


@dataclass(frozen=True, kw_only=True)
class Speech:
    """A dialect at its upstream's side: it says "hello", calls a tool, refuses and breaks."""

    dialect: UpstreamDialect
    text: Saying
    tools: Saying
    opening: Sequence[bytes]
    piece: bytes
    fault: bytes
    refusal: Callable[[int, str], Json]
    streams: Callable[[Seen], bool]
    content_type: bytes = b"text/event-stream"

    def says(self, saying: Saying) -> Act:
        """Answer well, in the way that was asked for."""

        async def act(seen: Seen, send: Send) -> None:
            if not self.streams(seen):
                await reply(send, 200, saying.whole)
                return
            await self.begin(send)
            for frame in saying.frames:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        return act

    def refuses(self, status: int, *headers: tuple[bytes, bytes]) -> Act:
        """Answer with an error."""

        async def act(seen: Seen, send: Send) -> None:
            del seen
            await reply(send, status, self.refusal(status, "no, not this"), *headers)

        return act

    def breaks(self, *frames: bytes) -> Act:
        """Begin a stream with these frames, and die."""

        async def act(seen: Seen, send: Send) -> None:
            del seen
            await self.begin(send)
            for frame in frames:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
                await asyncio.sleep(0.02)  # so that what comes before is read before
            raise ConnectionError("killed")

        return act

    async def endless(self, seen: Seen, send: Send) -> None:
        """Speak and never stop."""
        del seen
        await self.begin(send)
        for frame in self.opening:
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        while True:
            await send({"type": "http.response.body", "body": self.piece, "more_body": True})
            await asyncio.sleep(0.01)

    async def begin(self, send: Send) -> None:
        """Send the head of a stream."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", self.content_type)]})


@asynccontextmanager
async def vendor(speech: Speech, name: str = "v1", act: Act | None = None) -> AsyncGenerator[Upstream]:
    """Serve a vendor on a free port as long as the block runs; it says hello unless told otherwise."""
    async with upstream(name, act or speech.says(speech.text)) as made:
        yield made
