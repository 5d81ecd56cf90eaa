"""Token counts as upstreams write them: one reader for all dialects, which takes none that cannot be.

A count is a whole number from 0 to 2^31-1. One that is negative, a fraction, a text, or beyond makes all counts of its
answer worthless, so that an estimate stands in their place; a part of a count is never more than the whole.
"""

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar, cast

import msgspec

from tulou.kernel.numbers import COUNT_MAX
from tulou.services.gateway.dialects.events import Miscounted, Used
from tulou.services.gateway.dialects.reading import ANSWERS_CAP, present

T = TypeVar("T")
Count = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]
"""A field of a shape that holds a count."""
ChoiceIndex = Annotated[int, msgspec.Meta(ge=0, lt=ANSWERS_CAP)]
"""A field that says which of several answers is meant."""
PartIndex = Annotated[int, msgspec.Meta(ge=0, lt=4096)]
"""A field that says which part of an answer is meant: a block, an item, a call."""
UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class CountReader(Generic[T]):
    """Reads counts that are written in one shape."""

    __slots__ = ("_decode", "_shape")

    def __init__(self, shape: type[T]) -> None:
        self._shape = shape
        self._decode: Callable[[msgspec.Raw], T] = msgspec.json.Decoder(shape).decode

    def read(self, raw: msgspec.Raw) -> T | Miscounted | None:
        """Return counts as they are written; None where there are none. Whole numbers may be written as floats."""
        if present(raw) is None:
            return None
        try:
            return self._decode(raw)
        except UNREADABLE as error:
            why = str(error)
        try:
            return msgspec.convert(_whole(msgspec.json.decode(raw)), self._shape)
        except UNREADABLE:
            return Miscounted(why=why)


def meant(counts: T | Miscounted | None, used: Callable[[T], Used]) -> Used | Miscounted | None:
    """Return what counts mean, by the rule of their dialect."""
    return counts if counts is None or isinstance(counts, Miscounted) else bounded(used(counts))


def bounded(used: Used) -> Used | Miscounted:
    """Return counts of which no part is more than the whole; sums that are too large are none."""
    if used.input > COUNT_MAX or used.output > COUNT_MAX:
        return Miscounted(why=f"{used.input} and {used.output} tokens are more than {COUNT_MAX}")
    read = max(used.cached, used.cache_written, used.audio_input)
    if read <= used.input and max(used.reasoning, used.audio_output) <= used.output:
        return used
    return msgspec.structs.replace(
        used,
        cached=min(used.cached, used.input),
        cache_written=min(used.cache_written, used.input),
        cache_written_hour=min(used.cache_written_hour, used.input),
        audio_input=min(used.audio_input, used.input),
        reasoning=min(used.reasoning, used.output),
        audio_output=min(used.audio_output, used.output),
    )


def rest_of(total: int | None, part: int) -> int:
    """Return what a total leaves beside one of its parts; 0 where either is not told."""
    return max(0, total - part) if total and part else 0


def _whole(value: object) -> object:
    """Return a JSON value with `12.0` as 12."""
    match value:
        case dict():
            return {name: _whole(inner) for name, inner in cast("dict[str, object]", value).items()}
        case list():
            return [_whole(inner) for inner in cast("list[object]", value)]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
