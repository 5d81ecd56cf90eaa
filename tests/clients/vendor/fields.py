"""Takes fields out of JSON that may leave them out."""

from typing import Any

Json = dict[str, Any]


def each(fields: Json, name: str) -> list[Json]:
    """Return the objects of an array, none when it is absent or null."""
    found: list[Json] | None = fields.get(name)
    return found or []


def inner(fields: Json, name: str) -> Json:
    """Return an object, an empty one when it is absent or null."""
    found: Json | None = fields.get(name)
    return found or {}
