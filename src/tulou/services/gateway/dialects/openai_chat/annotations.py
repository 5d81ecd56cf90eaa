"""Annotations of this dialect, which puts into an object of its own what OpenAI's responses write flat."""

from collections.abc import Iterable, Iterator

import msgspec

CITATION = "url_citation"
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KIND = msgspec.Raw(b'"url_citation"')


def flat(annotations: Iterable[msgspec.Raw]) -> tuple[msgspec.Raw, ...]:
    """Return the annotations as events hold them."""
    return tuple(_flat(annotation) for annotation in annotations)


def nested(annotations: Iterable[msgspec.Raw]) -> list[object]:
    """Return those that this dialect knows: citations of pages."""
    return list(_nested(annotations))


def _flat(annotation: msgspec.Raw) -> msgspec.Raw:
    fields = _OBJECT.decode(annotation)
    if (inner := fields.get(CITATION)) is None:
        return annotation
    return msgspec.Raw(msgspec.json.encode({"type": CITATION, **_OBJECT.decode(inner)}))


def _nested(annotations: Iterable[msgspec.Raw]) -> Iterator[object]:
    for annotation in annotations:
        fields = _OBJECT.decode(annotation)
        if fields.pop("type", None) == _KIND:
            yield {"type": CITATION, CITATION: fields}
