"""Cohere's second version of reranking."""

import msgspec

from tulou.services.gateway.dialects.dialect import Ability, Dropped, Written
from tulou.services.gateway.dialects.rerank.answer_reader import read_answer
from tulou.services.gateway.dialects.rerank.request_reader import read_request
from tulou.services.gateway.dialects.rerank.reranking import Rerank, Reranked

Json = dict[str, object]
FAMILY = "cohere"


class CohereRerankClient:
    """A `RerankClient`."""

    def read_request(self, body: bytes) -> Rerank:
        """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
        return read_request(body, family=FAMILY)

    def write_answer(self, reranked: Reranked, asked: Rerank, *, answer: str) -> bytes:
        """Return the answer, which holds places and scores alone."""
        results = [
            {"index": ranked.index, "relevance_score": ranked.score} for ranked in reranked.results[: asked.top_n]
        ]
        meta: Json = {"api_version": {"version": "2"}, "billed_units": {"search_units": reranked.search_units or 1}}
        if reranked.tokens:
            meta["tokens"] = {"input_tokens": reranked.tokens}
        return msgspec.json.encode({"id": answer, "results": results, "meta": meta})


class CohereRerankUpstream:
    """A `RerankUpstream`."""

    def path(self) -> str:
        """Return the path after the base URL."""
        return "/v2/rerank"

    def write_request(self, asked: Rerank, ability: Ability) -> Written:
        """Return the request; documents are added to the answer by us, so they are never asked for."""
        body: Json = {"model": ability.model, "query": asked.query, "documents": asked.documents}
        if asked.top_n is not None:
            body["top_n"] = asked.top_n
        if asked.most_tokens is not None:
            body["max_tokens_per_doc"] = asked.most_tokens
        if asked.family == FAMILY:
            return Written(body=msgspec.json.encode(body | dict(asked.extra)))
        dropped = tuple(Dropped(field=name, why="Cohere has no place for it") for name in sorted(asked.extra))
        return Written(body=msgspec.json.encode(body), dropped=dropped)

    def read_answer(self, body: bytes, asked: Rerank) -> Reranked:
        """Return the order; raise `ValueError` if it is none."""
        return read_answer(body, documents=len(asked.documents))
