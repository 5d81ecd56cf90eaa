"""Embeddings at Gemini, several at once."""

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.embeddings.embedding import Embed, Embedded, undropped

Json = dict[str, object]


class _Vector(msgspec.Struct):
    values: list[float]


class _Answer(msgspec.Struct):
    embeddings: list[_Vector]


_ANSWER = msgspec.json.Decoder(_Answer)


class GeminiEmbeddings:
    """An `EmbeddingUpstream`; it counts no tokens."""

    def path(self, ability: Ability) -> str:
        """Return the path after the base URL, which names the model."""
        del ability
        return "/v1beta/models/{model}:batchEmbedContents"

    def write_request(self, asked: Embed, ability: Ability) -> Written:
        """Return the request; raise `InvalidError` for tokens."""
        if not asked.texts:
            raise InvalidError(f"input: {ability.model} embeds words, not tokens", param="input")
        requests = [self._one(text, asked, ability) for text in asked.texts]
        return Written(body=msgspec.json.encode({"requests": requests}), dropped=undropped(asked, "task_type"))

    def _one(self, text: str, asked: Embed, ability: Ability) -> Json:
        request: Json = {"model": f"models/{ability.model}", "content": {"parts": [{"text": text}]}}
        if asked.dimensions is not None:
            request["outputDimensionality"] = asked.dimensions
        if "task_type" in asked.extra:
            request["taskType"] = asked.extra["task_type"]
        return request

    def read_answer(self, body: bytes) -> Embedded:
        """Return the vectors; raise `ValueError` if there are none."""
        return Embedded(vectors=tuple(vector.values for vector in _ANSWER.decode(body).embeddings))
