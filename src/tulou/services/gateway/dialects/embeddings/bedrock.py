"""Embeddings at Bedrock: each maker's models have a shape of their own, of which Titan's and Cohere's are known."""

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.counts import Count, CountReader, meant
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.embeddings.embedding import Embed, Embedded, undropped
from tulou.services.gateway.dialects.events import Used

Json = dict[str, object]


class _ByType(msgspec.Struct):
    float: list[list[float]]


class _Counts(msgspec.Struct, rename="camel"):
    input_text_token_count: Count | None = None


class _Answer(msgspec.Struct, rename="camel"):
    embedding: list[float] | None = None
    embeddings: list[list[float]] | _ByType | None = None


_ANSWER = msgspec.json.Decoder(_Answer)
_COUNTS = CountReader(_Counts)


class BedrockEmbeddings:
    """An `EmbeddingUpstream`; Cohere's models count no tokens."""

    def path(self, ability: Ability) -> str:
        """Return the path after the base URL, which names the model."""
        del ability
        return "/model/{model}/invoke"

    def write_request(self, asked: Embed, ability: Ability) -> Written:
        """Return the request; raise `InvalidError` for tokens, and for several texts to a model that takes one."""
        if not asked.texts:
            raise InvalidError(f"input: {ability.model} embeds words, not tokens", param="input")
        if "cohere." in ability.model:
            return _cohere(asked)
        first, *more = asked.texts
        if more:
            raise InvalidError(f"input: {ability.model} embeds one text a request", param="input")
        body: Json = {"inputText": first}
        if asked.dimensions is not None:
            body["dimensions"] = asked.dimensions
        return Written(body=msgspec.json.encode(body), dropped=undropped(asked))

    def read_answer(self, body: bytes) -> Embedded:
        """Return the vectors; raise `ValueError` if there are none."""
        answer = _ANSWER.decode(body)
        if answer.embedding is not None:
            return Embedded(vectors=(answer.embedding,), counts=meant(_COUNTS.read(msgspec.Raw(body)), _used))
        if answer.embeddings is None:
            raise ValueError("the answer holds no vectors")
        found = answer.embeddings.float if isinstance(answer.embeddings, _ByType) else answer.embeddings
        return Embedded(vectors=tuple(found))


def _used(counts: _Counts) -> Used:
    return Used(input=counts.input_text_token_count or 0)


def _cohere(asked: Embed) -> Written:
    kind = asked.extra.get("input_type", "search_document")
    body: Json = {"texts": asked.texts, "input_type": kind, "embedding_types": ["float"]}
    if asked.dimensions is not None:
        body["output_dimension"] = asked.dimensions
    return Written(body=msgspec.json.encode(body), dropped=undropped(asked, "input_type"))
