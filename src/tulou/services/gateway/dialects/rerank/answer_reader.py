"""Reads orders as any of the known upstreams writes them."""

from collections.abc import Sequence
from math import isfinite

import msgspec

from tulou.services.gateway.dialects.counts import Count, CountReader
from tulou.services.gateway.dialects.events import Miscounted
from tulou.services.gateway.dialects.reading import NOTHING
from tulou.services.gateway.dialects.rerank.reranking import Ranked, Reranked


class _Result(msgspec.Struct):
    index: int
    relevance_score: float


class _Usage(msgspec.Struct):
    total_tokens: Count | None = None


class _Units(msgspec.Struct):
    search_units: Count | None = None


class _Tokens(msgspec.Struct):
    input_tokens: Count | None = None


class _Meta(msgspec.Struct):
    billed_units: _Units | None = None
    tokens: _Tokens | None = None


class _Answer(msgspec.Struct):
    results: list[_Result]
    id: str = ""
    usage: msgspec.Raw = NOTHING
    meta: msgspec.Raw = NOTHING


_ANSWER = msgspec.json.Decoder(_Answer)
_USAGE = CountReader(_Usage)
_META = CountReader(_Meta)


def read_answer(body: bytes, *, documents: int) -> Reranked:
    """Return the order of so many documents, best first; raise `ValueError` if it is none."""
    answer = _ANSWER.decode(body)
    _check(answer.results, documents)
    results = sorted(answer.results, key=lambda result: result.relevance_score, reverse=True)
    ranked = tuple(Ranked(index=result.index, score=result.relevance_score) for result in results)
    usage, meta = _USAGE.read(answer.usage), _META.read(answer.meta)
    if isinstance(usage, Miscounted):
        return Reranked(id=answer.id, results=ranked, miscounted=usage)
    if isinstance(meta, Miscounted):
        return Reranked(id=answer.id, results=ranked, miscounted=meta)
    tokens = (usage.total_tokens if usage else None) or (meta.tokens.input_tokens if meta and meta.tokens else None)
    units = meta.billed_units.search_units if meta and meta.billed_units else None
    return Reranked(id=answer.id, results=ranked, tokens=tokens or 0, search_units=units or 0)


def _check(results: Sequence[_Result], documents: int) -> None:
    places = {result.index for result in results}
    if len(places) < len(results) or not all(0 <= place < documents for place in places):
        raise ValueError(f"the results do not name {documents} documents, each once at most")
    if not results or not all(isfinite(result.relevance_score) for result in results):
        raise ValueError("the results have no scores")
