"""Embeddings at an upstream of OpenAI's dialect."""

import msgspec

from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.embeddings.embedding import Embed, Embedded
from tulou.services.gateway.dialects.embeddings.vectors import in_order
from tulou.services.gateway.dialects.openai_chat.answer_reader import counted
from tulou.services.gateway.dialects.reading import NOTHING

Json = dict[str, object]


class _Vector(msgspec.Struct):
    embedding: list[float] | str
    index: int | None = None


class _Answer(msgspec.Struct):
    data: list[_Vector]
    usage: msgspec.Raw = NOTHING


_ANSWER = msgspec.json.Decoder(_Answer)


class OpenAiEmbeddings:
    """An `EmbeddingUpstream`."""

    def path(self, ability: Ability) -> str:
        """Return the path after the base URL."""
        del ability
        return "/v1/embeddings"

    def write_request(self, asked: Embed, ability: Ability) -> Written:
        """Return the request; all of it goes along."""
        body: Json = {"model": ability.model, "input": asked.written}
        if asked.dimensions is not None:
            body["dimensions"] = asked.dimensions
        if asked.encoding != "float":
            body["encoding_format"] = asked.encoding
        if asked.user:
            body["user"] = asked.user
        return Written(body=msgspec.json.encode(body | dict(asked.extra)))

    def read_answer(self, body: bytes) -> Embedded:
        """Return the vectors; raise `ValueError` if there are none."""
        answer = _ANSWER.decode(body)
        places = [at if vector.index is None else vector.index for at, vector in enumerate(answer.data)]
        in_order(places, count=len(places))
        vectors = tuple(answer.data[at].embedding for at in sorted(range(len(places)), key=places.__getitem__))
        return Embedded(vectors=vectors, counts=counted(answer.usage))
