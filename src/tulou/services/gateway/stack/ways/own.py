"""What the house's own engines answer in another way than was asked, put right or refused."""

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.completions.probabilities import with_old_logprobs
from tulou.services.gateway.dialects.embeddings.vectors import floats_of
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.rewrite import fields_of

LOGPROBS = b'"logprobs"'
DIMENSIONS = b'"dimensions"'


class _Vector(msgspec.Struct):
    embedding: list[float] | str


class _Vectors(msgspec.Struct):
    data: list[_Vector]


_VECTORS = msgspec.json.Decoder(_Vectors)
_WANTED = msgspec.json.Decoder(int | None)


def check_stream(call: Call) -> None:
    """Raise `InvalidError` for probabilities in a stream of completions, which come in the shape of chats."""
    if call.stream and call.endpoint == "completions" and LOGPROBS in call.body:
        raise InvalidError(
            f"logprobs: {call.model!r} gives them with whole completions alone; leave out stream, or ask in chats",
            param="logprobs",
        )


def fitted(call: Call, body: bytes) -> bytes:
    """Return a whole answer as it was asked for; raise `InvalidError` where it cannot be had so."""
    try:
        if call.endpoint == "completions" and LOGPROBS in call.body:
            return with_old_logprobs(body)
        if call.endpoint == "embeddings" and DIMENSIONS in call.body:
            _check_length(call, body)
    except UNREADABLE as error:
        raise AttemptFailedError("bad_answer", f"the replica's answer cannot be read: {error}") from error
    return body


def _check_length(call: Call, body: bytes) -> None:
    wanted = fields_of(call.body).get("dimensions")
    asked = _WANTED.decode(wanted) if wanted is not None else None
    for vector in _VECTORS.decode(body).data[:1] if asked is not None else ():
        length = len(floats_of(vector.embedding))
        if length != asked:
            raise InvalidError(
                f"dimensions: {call.model!r} makes vectors of {length} numbers, which cannot be cut to {asked}; "
                "leave dimensions out",
                param="dimensions",
            )
