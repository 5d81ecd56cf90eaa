"""The way of rerank: to a reranker where there is one, else by the likeness of embeddings from the same replica."""

import asyncio
from collections.abc import Sequence
from math import sqrt
from operator import mul

import msgspec

from tulou.contracts.routing.messages import Deadlines
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import RERANK_CLIENTS, RERANKERS, RerankShape
from tulou.services.gateway.dialects.dialect import Dropped
from tulou.services.gateway.dialects.embeddings.vectors import check_vectors, in_order
from tulou.services.gateway.dialects.events import Miscounted
from tulou.services.gateway.dialects.openai_chat.answer_reader import counted
from tulou.services.gateway.dialects.reading import NOTHING
from tulou.services.gateway.dialects.rerank.reranking import Ranked, Rerank, Reranked
from tulou.services.gateway.stack.backend import PATHS, Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.guess import count
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.refused import refused
from tulou.services.gateway.stack.ways.asking import RefusedQuestion, ask_bytes
from tulou.services.gateway.stack.ways.translated import ability
from tulou.services.gateway.stack.ways.way import JSON, OK
from tulou.services.gateway.stack.wire import Wire
from tulou.services.gateway.usage import Usage

COHERE = "/v2/rerank"
MOST = 1000
"""Documents that are ranked by embeddings at once."""

UNIT_DOCUMENTS = 100
"""Documents that Cohere ranks for one search unit (docs.cohere.com, pricing)."""

AT_ONCE = 50
"""Likenesses that are computed before others have their turn."""


class _Vector(msgspec.Struct):
    index: int
    embedding: list[float]


class _Vectors(msgspec.Struct):
    data: list[_Vector]
    usage: msgspec.Raw = NOTHING


_VECTORS = msgspec.json.Decoder(_Vectors)


class RankingCall:
    """Answers in the shape that the path names: Cohere's at `/v2/rerank`, Jina's elsewhere."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __call__(self, call: Call, backend: Backend, lease: BackendLease, deadlines: Deadlines) -> Answer:
        """Return the documents by their relevance."""
        del lease
        client = RERANK_CLIENTS["cohere" if call.path == COHERE else "jina"]
        asked = client.read_request(call.body)
        try:
            if "rerank" in backend.replica.capabilities or "rerank" in backend.paths:
                found = await self._by_reranker(call, backend, asked, deadlines)
            else:
                found = await self._by_likeness(call, backend, asked, deadlines)
        except RefusedQuestion as error:
            return Answer(error.status, [JSON], refused(error.status, error.body), backend)
        found = _count(call, found, asked, backend)
        return Answer(OK, [JSON], client.write_answer(found, asked, answer=call.request_id), backend)

    async def _by_reranker(self, call: Call, backend: Backend, asked: Rerank, deadlines: Deadlines) -> Reranked:
        upstream = RERANKERS[_shape(backend)]
        written = upstream.write_request(asked, ability(backend))
        call.dropped = written.dropped
        head = backend.head("rerank", upstream.path(), stream=False)
        try:
            body = await ask_bytes(self._wire, call, backend, head, written.body, deadlines)
            return upstream.read_answer(body, asked)
        except UNREADABLE as error:
            raise AttemptFailedError("bad_answer", f"the replica's answer cannot be read: {error}") from error

    async def _by_likeness(self, call: Call, backend: Backend, asked: Rerank, deadlines: Deadlines) -> Reranked:
        names = sorted(asked.extra) + (["max_tokens_per_doc"] if asked.most_tokens is not None else [])
        call.dropped = tuple(Dropped(field=name, why="documents are ranked by embeddings here") for name in names)
        if len(asked.documents) > MOST:
            raise InvalidError(f"documents: at most {MOST} are ranked by embeddings at once", param="documents")
        question = {"model": backend.model, "input": [asked.query, *asked.documents], "encoding_format": "float"}
        head = backend.head("embeddings", PATHS["embeddings"], stream=False)
        body = await ask_bytes(self._wire, call, backend, head, msgspec.json.encode(question), deadlines)
        try:
            said = _VECTORS.decode(body)
        except UNREADABLE as error:
            raise AttemptFailedError("bad_answer", f"the replica's vectors cannot be read: {error}") from error
        vectors = [vector.embedding for vector in sorted(said.data, key=lambda vector: vector.index)]
        try:
            in_order([vector.index for vector in said.data], count=len(vectors))
            check_vectors(vectors, count=len(asked.documents) + 1)
        except UNREADABLE as error:
            raise AttemptFailedError("bad_answer", f"the replica's vectors cannot be: {error}") from error
        scores = await _likenesses(vectors[0], vectors[1:])
        order = sorted(range(len(scores)), key=lambda index: -scores[index])
        results = tuple(Ranked(index=index, score=scores[index]) for index in order)
        counts = counted(said.usage)
        if isinstance(counts, Miscounted):
            return Reranked(id=call.request_id, results=results, miscounted=counts)
        return Reranked(id=call.request_id, results=results, tokens=counts.input if counts is not None else 0)


def _count(call: Call, found: Reranked, asked: Rerank, backend: Backend) -> Reranked:
    """Note what a ranking took, as its vendor counts: by searches or by tokens; return it with that in it."""
    if found.search_units:
        call.usage, call.counted = Usage(found.tokens, searches=found.search_units), "reported"
        return found
    usage = count(call, found.miscounted or Usage(found.tokens), lambda: 0)
    if call.counted == "estimate" and _shape(backend) == "cohere":
        usage = call.usage = usage._replace(searches=-(-len(asked.documents) // UNIT_DOCUMENTS))
    return msgspec.structs.replace(found, tokens=usage.input, search_units=usage.searches)


async def _likenesses(query: Sequence[float], others: Sequence[Sequence[float]]) -> list[float]:
    """Return the cosines between a vector and others."""
    scores: list[float] = []
    length = sqrt(sum(map(mul, query, query))) or 1.0
    for number, other in enumerate(others):
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
        scores.append(sum(map(mul, query, other)) / (length * (sqrt(sum(map(mul, other, other))) or 1.0)))
    return scores


def _shape(backend: Backend) -> RerankShape:
    """Return how a reranker is spoken to: as Jina's, which most have taken over, unless it is Cohere's own."""
    own = backend.replica.provider == "cohere" or backend.paths.get("rerank", "").endswith("/v2/rerank")
    return "cohere" if own else "jina"
