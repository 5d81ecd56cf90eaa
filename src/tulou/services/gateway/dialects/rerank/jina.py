"""Jina's reranking, which vLLM, SGLang and llama.cpp have taken over."""

import msgspec

from tulou.services.gateway.dialects.dialect import Ability, Dropped, Written
from tulou.services.gateway.dialects.rerank.answer_reader import read_answer
from tulou.services.gateway.dialects.rerank.request_reader import read_request
from tulou.services.gateway.dialects.rerank.reranking import Ranked, Rerank, Reranked

Json = dict[str, object]
FAMILY = "jina"


class JinaRerankClient:
    """A `RerankClient`."""

    def read_request(self, body: bytes) -> Rerank:
        """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
        return read_request(body, family=FAMILY)

    def write_answer(self, reranked: Reranked, asked: Rerank, *, answer: str) -> bytes:
        """Return the answer, with the documents when they were asked for."""
        results = [_result(ranked, asked) for ranked in reranked.results[: asked.top_n]]
        usage = {"prompt_tokens": reranked.tokens, "total_tokens": reranked.tokens}
        return msgspec.json.encode({"id": answer, "model": asked.model, "usage": usage, "results": results})


class JinaRerankUpstream:
    """A `RerankUpstream`."""

    def path(self) -> str:
        """Return the path after the base URL."""
        return "/v1/rerank"

    def write_request(self, asked: Rerank, ability: Ability) -> Written:
        """Return the request; documents are added to the answer by us, so they are never asked for."""
        body: Json = {"model": ability.model, "query": asked.query, "documents": asked.documents}
        if asked.top_n is not None:
            body["top_n"] = asked.top_n
        body["return_documents"] = False
        if asked.family == FAMILY:
            body |= dict(asked.extra)
        names = [] if asked.family == FAMILY else sorted(asked.extra)
        names += [] if asked.most_tokens is None else ["max_tokens_per_doc"]
        dropped = tuple(Dropped(field=name, why="the upstream has no place for it") for name in names)
        return Written(body=msgspec.json.encode(body), dropped=dropped)

    def read_answer(self, body: bytes, asked: Rerank) -> Reranked:
        """Return the order; raise `ValueError` if it is none."""
        return read_answer(body, documents=len(asked.documents))


def _result(ranked: Ranked, asked: Rerank) -> Json:
    result: Json = {"index": ranked.index, "relevance_score": ranked.score}
    if asked.return_documents:
        result["document"] = {"text": asked.documents[ranked.index]}
    return result
