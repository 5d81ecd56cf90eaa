"""A small upstream that speaks OpenAI's API over a real socket and does what a test tells it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from tulou.contracts.discovery.messages import Replica
from tulou.http.server.server import serving

Act = Callable[["Seen", Send], Awaitable[None]]

WHOLE = {
    "id": "c1",
    "object": "chat.completion",
    "model": "tiny",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}


@dataclass(frozen=True)
class Seen:
    """A request as the upstream got it."""

    path: str
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)


async def answer(seen: Seen, send: Send) -> None:
    """Answer well, in the way that was asked for."""
    asked = seen.json
    if asked.get("stream"):
        await stream(seen, send)
    else:
        await reply(send, 200, WHOLE)


async def reply(send: Send, status: int, value: object, *headers: tuple[bytes, bytes]) -> None:
    """Answer with JSON."""
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json"), *headers]}
    )
    await send({"type": "http.response.body", "body": msgspec.json.encode(value)})


async def stream(seen: Seen, send: Send, words: tuple[str, ...] = ("hel", "lo")) -> None:
    """Answer with a stream; counts come in a last chunk when they were asked for."""
    await begin_stream(send)
    for word in words:
        await send({"type": "http.response.body", "body": chunk(word), "more_body": True})
    if b'"include_usage":true' in seen.body:
        await send({"type": "http.response.body", "body": usage_chunk(), "more_body": True})
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


async def begin_stream(send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def chunk(word: str) -> bytes:
    """Return one event with a piece of text."""
    delta = {"id": "c1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": word}}]}
    return b"data: " + msgspec.json.encode(delta) + b"\n\n"


def usage_chunk(prompt: int = 7, completion: int = 3) -> bytes:
    """Return the event that brings the counts."""
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return b"data: " + msgspec.json.encode({"id": "c1", "choices": [], "usage": usage}) + b"\n\n"


@dataclass
class Upstream:
    """Answers with `act`; keeps what it has seen, and counts the clients that left before the end."""

    name: str
    url: str = ""
    act: Act = field(default=answer)
    seen: list[Seen] = field(default_factory=list[Seen])
    left: int = 0

    def replica(self, deployment: str = "tiny", **changes: Any) -> Replica:
        return Replica(id=self.name, deployment=deployment, generation=1, url=self.url, **changes)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        seen = Seen(scope["path"], dict(scope["headers"]), body)
        self.seen.append(seen)
        try:
            await self.act(seen, send)
        except asyncio.CancelledError:
            self.left += 1
            raise


@asynccontextmanager
async def upstream(name: str = "r1", act: Act | None = None) -> AsyncGenerator[Upstream]:
    """Serve an upstream on a free port as long as the block runs."""
    made = Upstream(name)
    if act is not None:
        made.act = act
    async with serving(made.app, drain_s=0.1) as url:
        made.url = url
        yield made
