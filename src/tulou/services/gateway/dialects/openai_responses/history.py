"""Lets a response go on from an earlier one: what was said before is put in front of what is said now."""

from collections.abc import Iterable

import msgspec

from tulou.services.gateway.dialects.reading import TEXT_OR_OBJECTS, read_object

Items = list[msgspec.Raw]
_ITEMS = msgspec.json.Decoder(Items)


class _Kept(msgspec.Struct):
    output: Items = []


_KEPT = msgspec.json.Decoder(_Kept)


def with_history(body: bytes, items: Iterable[msgspec.Raw]) -> bytes:
    """Return a request whose input begins with the items of earlier turns, and which names no earlier response."""
    fields = read_object(body)
    fields.raw("previous_response_id")
    given = fields.take("input", TEXT_OR_OBJECTS)
    return bytes(fields.whole({"input": [*items, *_items(given)]}))


def input_items(body: bytes) -> Items:
    """Return the items that came with a request, words as a message, to be kept for `with_history`."""
    given = read_object(body).take("input", TEXT_OR_OBJECTS)
    return [msgspec.Raw(msgspec.json.encode(item)) for item in _items(given)]


def output_items(answer: bytes) -> Items:
    """Return the items of a whole answer; raise `ValueError` if it is none."""
    return _KEPT.decode(answer).output


def history(kept: Iterable[tuple[bytes, bytes]]) -> Items:
    """Return the items of earlier turns, oldest first, from each one's input items (a JSON array) and whole answer."""
    items: Items = []
    for given, answer in kept:
        items.extend(_ITEMS.decode(given or b"[]"))
        items.extend(output_items(answer))
    return items


def _items(given: str | list[dict[str, msgspec.Raw]] | None) -> list[object]:
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
    return list(given or ())
