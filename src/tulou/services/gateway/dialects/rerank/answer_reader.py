"""Reads orders as any of the known upstreams writes them."""

import msgspec

from tulou.services.gateway.dialects.rerank.reranking import Ranked, Reranked


class _Result(msgspec.Struct):
    index: int
    relevance_score: float


class _Usage(msgspec.Struct):
    total_tokens: int = 0


class _Units(msgspec.Struct):
    search_units: float = 0


class _Tokens(msgspec.Struct):
    input_tokens: float = 0


class _Meta(msgspec.Struct):
    billed_units: _Units | None = None
    tokens: _Tokens | None = None


class _Answer(msgspec.Struct):
    results: list[_Result]
    id: str = ""
    usage: _Usage | None = None
    meta: _Meta | None = None


_ANSWER = msgspec.json.Decoder(_Answer)


def read_answer(body: bytes) -> Reranked:
    """Return the order, best first; raise `ValueError` if it is none."""
    answer = _ANSWER.decode(body)
    results = sorted(answer.results, key=lambda result: result.relevance_score, reverse=True)
    meta = answer.meta or _Meta()
    tokens = answer.usage.total_tokens if answer.usage else int(meta.tokens.input_tokens) if meta.tokens else 0
    return Reranked(
        id=answer.id,
        results=tuple(Ranked(index=result.index, score=result.relevance_score) for result in results),
        tokens=tokens,
        search_units=int(meta.billed_units.search_units) if meta.billed_units else 0,
    )
