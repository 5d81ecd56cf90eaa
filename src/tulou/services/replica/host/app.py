"""The HTTP application in front of a plain engine."""

import hmac
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tulou.chassis.threads import to_its_end
from tulou.kernel.errors import (
    InvalidError,
    NotFoundError,
    TooLargeError,
    TulouError,
    UnauthenticatedError,
    UpstreamError,
)
from tulou.kernel.ids import new_id
from tulou.ports.engine import ChatEngine, Chunk, DetokenizingEngine, EmbeddingEngine, Engine, Vectors
from tulou.services.replica.host.bodies import (
    ChatBody,
    EmbeddingBody,
    conversation,
    read_chat,
    read_embedding,
    sampling,
)
from tulou.services.replica.host.overlooked import HEADER, overlooked
from tulou.services.replica.host.replies import DONE, completion, embeddings, fault, last_piece, piece
from tulou.services.replica.host.room import RequestSlots
from tulou.services.replica.host.stream import EventStream

Answer = Callable[[Request], Awaitable[Response]]

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

JSON = "application/json"
CLIENT_LEFT = 499
LONGEST_BODY = 32 << 20
MOST_NAMES = 2000


class Host:
    """The routes of one engine."""

    def __init__(self, engine: Engine, *, model: str, token: str, room: RequestSlots) -> None:
        self._engine = engine
        self._model = model
        self._token = token.encode()
        self._room = room
        self._since = int(time.time())

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/health", _health),
                Route("/v1/models", self._guarded(self._models)),
                Route("/v1/chat/completions", self._guarded(self._chat), methods=["POST"]),
                Route("/v1/embeddings", self._guarded(self._embeddings), methods=["POST"]),
            ]
        )

    def _guarded(self, answer: Answer) -> Answer:
        """Let in who brings the token, and turn every error into OpenAI's shape."""

        async def guarded(request: Request) -> Response:
            try:
                self._check(request)
                return await answer(request)
            except ClientDisconnect:
                return Response(status_code=CLIENT_LEFT)
            except TulouError as error:
                return _refusal(error)
            except Exception as error:  # the edge of a request
                log.exception("engine_failed", model=self._model)
                return _refusal(UpstreamError(f"the engine failed: {type(error).__name__}; see the replica's log"))

        return guarded

    def _check(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token):
            raise UnauthenticatedError("the replica's token is missing or wrong")

    async def _models(self, _request: Request) -> Response:
        model = {"id": self._model, "object": "model", "created": self._since, "owned_by": "tulou"}
        return JSONResponse({"object": "list", "data": [model]})

    async def _chat(self, request: Request) -> Response:
        engine = self._engine
        if not isinstance(engine, ChatEngine):
            raise NotFoundError(f"model {self._model!r} does not chat; ask it for /v1/embeddings")
        body = await _body(request)
        chat = read_chat(body)
        dropped = overlooked(body, ChatBody)
        chunks = self._generate(engine, chat)
        if not chat.stream:
            return _telling(await self._whole(chunks), dropped)
        events = self._events(chunks, chat)
        first = await anext(events)
        return _telling(EventStream(first, events), dropped)

    async def _embeddings(self, request: Request) -> Response:
        engine = self._engine
        if not isinstance(engine, EmbeddingEngine):
            raise NotFoundError(f"model {self._model!r} makes no vectors; ask it for /v1/chat/completions")
        body = await _body(request)
        wanted, given = read_embedding(body)
        dropped = overlooked(body, EmbeddingBody)
        vectors = await self._embed(engine, given)
        packed = wanted.encoding_format == "base64"
        return _telling(Response(embeddings(self._model, vectors, packed=packed), media_type=JSON), dropped)

    async def _embed(self, engine: EmbeddingEngine, given: Sequence[str | list[int]]) -> Vectors:
        """Hold a place for all that is done of a request, until it ends; tokens become words beside the loop."""
        tokens = any(not isinstance(text, str) for text in given)
        if tokens and not isinstance(engine, DetokenizingEngine):
            raise InvalidError(f"model {self._model!r} takes words, not tokens; send texts", param="input")
        async with self._room.place():
            if tokens and isinstance(engine, DetokenizingEngine):
                return await engine.embed(await to_its_end(_words, engine, given))
            return await engine.embed([text for text in given if isinstance(text, str)])

    async def _generate(self, engine: ChatEngine, chat: ChatBody) -> AsyncGenerator[Chunk]:
        """Hold a place for as long as the answer is written."""
        messages, how = conversation(chat), sampling(chat)
        async with self._room.place(), aclosing(engine.generate(messages, how)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _whole(self, chunks: AsyncGenerator[Chunk]) -> Response:
        texts: list[str] = []
        last = Chunk()
        async with aclosing(chunks):
            async for last in chunks:
                texts.append(last.text)
        return Response(completion(self._head(), "".join(texts), last), media_type=JSON)

    async def _events(self, chunks: AsyncGenerator[Chunk], chat: ChatBody) -> AsyncGenerator[bytes]:
        """Say nothing before the engine has given its first chunk: until then a failure is still a status."""
        head, role, last = self._head(), {"role": "assistant"}, Chunk()
        async with aclosing(chunks):
            async for last in chunks:
                if last.text or role:
                    yield piece(head, {**role, "content": last.text})
                role = {}
        yield piece(head, {}, last.finish or "stop")
        if (chat.stream_options or {}).get("include_usage"):
            yield last_piece(head, last)
        yield DONE

    def _head(self) -> dict[str, object]:
        return {"id": new_id("chatcmpl"), "created": int(time.time()), "model": self._model}


def _words(engine: DetokenizingEngine, given: Sequence[str | list[int]]) -> list[str]:
    return [text if isinstance(text, str) else engine.detokenize(text) for text in given]


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _body(request: Request) -> bytes:
    """Read the body, of at most `LONGEST_BODY` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY:
            raise TooLargeError(f"the body is longer than {LONGEST_BODY >> 20} MiB; send less")
        parts.append(part)
    return b"".join(parts)


def _telling(response: Response, dropped: Sequence[str]) -> Response:
    """Return an answer that names the fields which had no effect."""
    if dropped:
        names = ", ".join(dropped)[:MOST_NAMES]
        words = "".join(letter if letter.isprintable() else "?" for letter in names)
        response.headers[HEADER] = words.encode("ascii", "replace").decode()
    return response


def _refusal(error: TulouError) -> Response:
    headers = {"retry-after": f"{max(1, round(error.retry_after_s))}"} if error.retry_after_s else None
    return Response(fault(error), error.status, headers, JSON)
