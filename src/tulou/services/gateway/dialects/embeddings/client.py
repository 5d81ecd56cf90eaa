"""Embeddings at the client's side, in OpenAI's shape."""

import struct
from base64 import b64encode

import msgspec

from tulou.services.gateway.dialects.embeddings.embedding import Embed, Embedded, Vector
from tulou.services.gateway.dialects.embeddings.vectors import floats_of
from tulou.services.gateway.dialects.reading import TEXT, WHOLE, read_object, wrong_type

_INPUT = msgspec.json.Decoder[str | list[str | int | list[int]]](str | list[str | int | list[int]])


def read_request(body: bytes) -> Embed:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
    fields = read_object(body)
    model = fields.need("model", TEXT)
    written = fields.raw("input")
    if written is None:
        raise wrong_type("input", "It is missing")
    encoding = fields.text("encoding_format") or "float"
    if encoding != "float" and encoding != "base64":  # noqa: PLR1714 - narrows the type
        raise wrong_type("encoding_format", f"It is float or base64, not {encoding!r}")
    return Embed(
        model=model,
        written=written,
        texts=_texts(written),
        count=_count(written),
        dimensions=fields.take("dimensions", WHOLE),
        encoding=encoding,
        user=fields.text("user"),
        extra=fields.rest(),
    )


def _count(written: msgspec.Raw) -> int:
    """Return how many vectors are wanted: a list of numbers is one text, cut into tokens."""
    given = _INPUT.decode(written)
    return 1 if isinstance(given, str) or (given and isinstance(given[0], int)) else len(given)


def _texts(written: msgspec.Raw) -> tuple[str, ...]:
    try:
        given = _INPUT.decode(written)
    except msgspec.ValidationError as error:
        raise wrong_type("input", str(error)) from error
    if isinstance(given, str):
        return (given,)
    texts = tuple(text for text in given if isinstance(text, str))
    return texts if len(texts) == len(given) else ()


def write_answer(embedded: Embedded, asked: Embed, *, tokens: int) -> bytes:
    """Return the vectors in the encoding that was asked for, and how many tokens were read."""
    shown = _base64 if asked.encoding == "base64" else _floats
    data = [
        {"object": "embedding", "index": index, "embedding": shown(vector)}
        for index, vector in enumerate(embedded.vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return msgspec.json.encode({"object": "list", "data": data, "model": asked.model, "usage": usage})


def _base64(vector: Vector) -> str:
    if isinstance(vector, str):
        return vector
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _floats(vector: Vector) -> list[float]:
    return vector if not isinstance(vector, str) else list(floats_of(vector))
