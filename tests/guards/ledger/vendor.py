"""One vendor in process that speaks every dialect, and does what the text of a prompt tells it.

A prompt holds `do:VERB:INPUT:OUTPUT:CACHED:FAILING!`: what to do, the counts to report where the dialect is
OpenAI's, and the deployment that fails instead (empty: none). Each deployment has a path of its own,
`/DIALECT/DEPLOYMENT/...`.
"""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import msgspec
from starlette.types import Receive, Scope, Send

from tests.guards.ledger.canned import ANSWERS, PATHS
from tulou.services.gateway.tests.upstream import Seen, begin_stream, reply
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import Json, Speech

Verb = Literal["text", "tools", "uncounted", "refuse", "fail", "cut", "nonsense", "hold", "silent"]
VERBS: tuple[Verb, ...] = ("text", "tools", "uncounted", "refuse", "fail", "cut", "nonsense", "hold", "silent")

_TOLD = re.compile(rb"do:([a-z]+):(\d+):(\d+):(\d+):([a-z0-9-]*)!")
_ENDPOINTS = {path: endpoint for endpoint, path in PATHS.items()}


@dataclass(frozen=True)
class Order:
    """What a prompt tells the vendor."""

    verb: Verb
    input: int = 7
    output: int = 3
    cached: int = 0
    failing: str = ""

    def __str__(self) -> str:
        return f"do:{self.verb}:{self.input}:{self.output}:{self.cached}:{self.failing}!"


@dataclass
class Vendor:
    """An ASGI application; `came` is set whenever a request has come that it does not answer."""

    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the prompt says."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        _, dialect, deployment, rest = scope["path"].split("/", 3)
        seen = Seen("/" + rest, dict(scope["headers"]), body)
        told = _TOLD.search(body)
        order = _order(told) if told else Order("text")
        if order.failing == deployment:
            order = Order("fail")
        await self._act(SPEECHES[dialect], order, seen, send)

    async def _act(self, speech: Speech, order: Order, seen: Seen, send: Send) -> None:
        match order.verb:
            case "refuse":
                await speech.refuses(400)(seen, send)
            case "fail":
                await speech.refuses(503)(seen, send)
            case "nonsense":
                await _say(send, b"application/json", b'{"nonsense":')
            case "cut" | "hold" if speech.streams(seen):
                await self._begin(speech, order, send)
            case "silent" | "hold":
                self.came.set()
                await asyncio.Event().wait()
            case _:
                await _answer(speech, order, seen, send)

    async def _begin(self, speech: Speech, order: Order, send: Send) -> None:
        """Say two pieces; then break off, or say nothing more."""
        await speech.begin(send)
        for frame in (*speech.opening, speech.piece, speech.piece):
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        if order.verb == "cut":
            raise ConnectionError("killed")
        await asyncio.Event().wait()


def _order(told: re.Match[bytes]) -> Order:
    verb, read, wrote, cached, failing = (part.decode() for part in told.groups())
    return Order(cast("Verb", verb), int(read), int(wrote), int(cached), failing)


async def _answer(speech: Speech, order: Order, seen: Seen, send: Send) -> None:
    endpoint = _ENDPOINTS.get(seen.path, "chat")
    if speech.dialect == "openai" and endpoint != "chat":
        await _simple(endpoint, order, seen, send)
        return
    saying = speech.tools if order.verb == "tools" else speech.text
    if speech.dialect != "openai":
        await speech.says(saying)(seen, send)
        return
    usage = None if order.verb == "uncounted" else _usage(order)
    if not speech.streams(seen):
        await reply(send, 200, {**saying.whole, "usage": usage})
        return
    await begin_stream(send)
    for frame in saying.frames:
        counts = msgspec.json.encode({"id": "c", "choices": [], "usage": usage})
        told = b"data: %b\n\n" % counts if b'"usage":{' in frame else frame
        await send({"type": "http.response.body", "body": told, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _simple(endpoint: str, order: Order, seen: Seen, send: Send) -> None:
    """Answer an endpoint that is not a chat, with the counts that were ordered."""
    answer: Json = dict(ANSWERS[endpoint])
    if "usage" in answer:
        answer["usage"] = _usage(order)
    if endpoint == "completions" and b'"stream":true' in seen.body:
        chunk = msgspec.json.encode({**answer, "usage": None})
        last = msgspec.json.encode({**answer, "choices": []})
        await _say(send, b"text/event-stream", b"data: %b\n\ndata: %b\n\ndata: [DONE]\n\n" % (chunk, last))
        return
    await reply(send, 200, answer)


def _usage(order: Order) -> dict[str, Any]:
    return {
        "prompt_tokens": order.input,
        "completion_tokens": order.output,
        "total_tokens": order.input + order.output,
        "prompt_tokens_details": {"cached_tokens": order.cached},
    }


async def _say(send: Send, kind: bytes, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body})
