"""The way of rerank: to a reranker that has it, else by the likeness of embeddings from the same replica."""

import asyncio
from collections.abc import Sequence
from math import sqrt
from operator import mul
from typing import Any

import msgspec

from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.refusals import WrongTypeError
from tulou.services.gateway.stack.backend import PATHS, Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.lease import Lease
from tulou.services.gateway.stack.refused import refused
from tulou.services.gateway.stack.usage import Usage
from tulou.services.gateway.stack.ways.asking import Json, Refused, ask
from tulou.services.gateway.stack.ways.native import JSON, OK
from tulou.services.gateway.stack.wire import Wire

MOST = 1000
"""Documents that are ranked by embeddings at once."""

AT_ONCE = 50
"""Likenesses that are computed before others have their turn."""


class _Vector(msgspec.Struct):
    index: int
    embedding: list[float]


class _Tokens(msgspec.Struct, frozen=True):
    prompt_tokens: int = 0


class _Vectors(msgspec.Struct):
    data: list[_Vector]
    usage: _Tokens = _Tokens()


class Ranking:
    """Answers in the shape of Jina and of Cohere, which share it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __call__(self, call: Call, backend: Backend, lease: Lease, deadlines: Deadlines) -> Answer:
        """Return the documents by their relevance."""
        del lease
        asked: Json = msgspec.json.decode(call.body)
        try:
            if "rerank" in backend.replica.capabilities or "rerank" in backend.paths:
                return await self._remote(call, backend, asked, deadlines)
            return await self._by_likeness(call, backend, asked, deadlines)
        except Refused as error:
            return Answer(error.status, [JSON], refused(error.status, error.body), backend)

    async def _remote(self, call: Call, backend: Backend, asked: Json, deadlines: Deadlines) -> Answer:
        said = await ask(self._wire, call, backend, PATHS["rerank"], asked | {"model": backend.model}, deadlines)
        return Answer(OK, [JSON], msgspec.json.encode(said), backend)

    async def _by_likeness(self, call: Call, backend: Backend, asked: Json, deadlines: Deadlines) -> Answer:
        texts = [_text(document, place) for place, document in enumerate(asked["documents"])]
        question = {"model": backend.model, "input": [_text(asked["query"], -1), *texts]}
        said = msgspec.convert(await ask(self._wire, call, backend, PATHS["embeddings"], question, deadlines), _Vectors)
        if len(said.data) != len(texts) + 1:
            raise AttemptFailedError("bad_answer", "the replica returned another number of vectors than it was given")
        vectors = [vector.embedding for vector in sorted(said.data, key=lambda vector: vector.index)]
        scores = await _likenesses(vectors[0], vectors[1:])
        call.usage, call.counted = Usage(said.usage.prompt_tokens), "reported"
        return Answer(OK, [JSON], _ranked(call, asked, scores), backend)


async def _likenesses(query: Sequence[float], others: Sequence[Sequence[float]]) -> list[float]:
    scores: list[float] = []
    length = sqrt(sum(map(mul, query, query))) or 1.0
    for number, other in enumerate(others):
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
        scores.append(sum(map(mul, query, other)) / (length * (sqrt(sum(map(mul, other, other))) or 1.0)))
    return scores


def _ranked(call: Call, asked: Json, scores: Sequence[float]) -> bytes:
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    most = asked.get("top_n") or len(order)
    results: list[Json] = [{"index": index, "relevance_score": scores[index]} for index in order[:most]]
    if asked.get("return_documents"):
        for result in results:
            document: Any = asked["documents"][result["index"]]
            result["document"] = {"text": document} if isinstance(document, str) else document
    tokens = call.usage.input if call.usage is not None else 0
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    meta = {"billed_units": {"input_tokens": tokens}}
    return msgspec.json.encode(
        {"id": call.request_id, "model": call.model, "results": results, "usage": usage, "meta": meta}
    )


def _text(given: object, place: int) -> str:
    match given:
        case str():
            return given
        case {"text": str(text)}:
            return text
        case _:
            where = "query" if place < 0 else f"documents[{place}]"
            pointer = "/query" if place < 0 else f"/documents/{place}"
            raise WrongTypeError(f"{where}: a text, or an object with a text", param=where, pointer=pointer)
