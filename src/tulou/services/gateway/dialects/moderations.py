"""Moderations, in OpenAI's shape at both sides; no other upstream has anything like it."""

import msgspec

from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.prompt import Fields
from tulou.services.gateway.dialects.reading import TEXT, read_object, wrong_type

PATH = "/v1/moderations"


class Moderate(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be judged, as it was written: words, several, or words and pictures."""

    model: str
    written: msgspec.Raw
    extra: Fields = {}


class _Answer(msgspec.Struct):
    results: list[dict[str, msgspec.Raw]]
    id: str = ""


_ANSWER = msgspec.json.Decoder(_Answer)


def read_request(body: bytes) -> Moderate:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
    fields = read_object(body)
    model = fields.need("model", TEXT)
    written = fields.raw("input")
    if written is None:
        raise wrong_type("input", "It is missing")
    return Moderate(model=model, written=written, extra=fields.rest())


def write_request(asked: Moderate, ability: Ability) -> Written:
    """Return the request; all of it goes along."""
    return Written(body=msgspec.json.encode({"model": ability.model, "input": asked.written, **asked.extra}))


def write_answer(body: bytes, asked: Moderate, *, answer: str) -> bytes:
    """Return an upstream's judgement under the names that the client knows; raise `ValueError` if it is none."""
    results = _ANSWER.decode(body).results
    return msgspec.json.encode({"id": answer, "model": asked.model, "results": results})
