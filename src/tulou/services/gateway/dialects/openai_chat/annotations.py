"""Annotations of this dialect, which puts into an object of its own what OpenAI's responses write flat."""

from collections.abc import Iterable

import msgspec

from tulou.services.gateway.dialects.citations import DOCUMENT, PAGE

KINDS = frozenset({PAGE, DOCUMENT})
INDEXES = frozenset({"start_index", "end_index", "index"})
Json = dict[str, object]
_OBJECT = msgspec.json.Decoder(Json)


def flat(annotations: Iterable[msgspec.Raw]) -> tuple[msgspec.Raw, ...]:
    """Return the annotations as events hold them."""
    return tuple(_flat(annotation) for annotation in annotations)


def nested(annotations: Iterable[msgspec.Raw], *, offset: int) -> list[Json]:
    """Return citations of pages and of documents; their text begins *offset* characters into the message's."""
    found = [_OBJECT.decode(annotation) for annotation in annotations]
    return [_nested(annotation, offset) for annotation in found if annotation.get("type") in KINDS]


def _flat(annotation: msgspec.Raw) -> msgspec.Raw:
    fields = _OBJECT.decode(annotation)
    inner = fields.get(PAGE)
    if not isinstance(inner, dict):
        return annotation
    return msgspec.Raw(msgspec.json.encode({"type": PAGE, **inner}))  # pyright: ignore[reportUnknownArgumentType] - JSON


def _nested(annotation: Json, offset: int) -> Json:
    kind = str(annotation.pop("type"))
    moved = {name: at + offset for name, at in annotation.items() if name in INDEXES and isinstance(at, int)}
    return {"type": kind, kind: annotation | moved}
