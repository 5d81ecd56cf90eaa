"""JSON Schemas as facts: one a field, with type, bounds and default; one each value of those that are words."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

Json = Mapping[str, Any]
PLACE = "#/components/schemas/"

BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems"),
    *("maxItems", "pattern", "format", "multipleOf", "uniqueItems"),
)


def fields(name: str, schema: Json) -> Iterator[tuple[str, str]]:
    """Yield the facts of a named schema: each field as `name.field`."""
    if "properties" not in schema:
        yield from value(name, schema, required=False)
        return
    yield name, "closed" if schema.get("additionalProperties") is False else "open"
    for field, inner in schema["properties"].items():
        yield from value(f"{name}.{field}", inner, required=field in schema.get("required", ()))


def value(name: str, schema: Json, *, required: bool) -> Iterator[tuple[str, str]]:
    """Yield the facts of one value; each word that it may be is one of its own, so that a new one is an addition."""
    default = schema.get("default", ...)
    told = f" = {_json(default)}" if "default" in schema and not isinstance(default, dict) else ""
    yield name, ("required " if required else "") + kind(schema) + told
    if isinstance(default, dict):
        for key, inner in cast("Json", default).items():
            yield f"{name} by default {key}", _json(inner)
    for word in words(schema):
        yield f"{name} may be {_json(word)}", "a word"
    if "properties" in schema:
        yield from fields(f"{name}:", schema)


def kind(schema: Json) -> str:
    """Return the type of a value, in words as short as can be."""
    inner = schema.get("additionalProperties")
    match schema:
        case {"$ref": str(place)}:
            return place.removeprefix(PLACE)
        case {"anyOf": several} | {"oneOf": several} | {"allOf": several}:
            return " | ".join(dict.fromkeys(map(kind, several)))
        case {"enum": _} | {"const": _}:
            return "word"
        case {"prefixItems": several}:
            told = f"[{', '.join(map(kind, several))}]"
        case {"type": "array"}:
            told = f"[{kind(schema.get('items', {}))}]"
        case _ if isinstance(inner, dict):
            told = f"{{{kind(cast('Json', inner))}}}"
        case _:
            told = _types(schema.get("type", "any"))
    return told + _bounds(schema)


def words(schema: Json) -> Iterator[object]:
    """Yield each value that is named, wherever in a type it stands."""
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]
    inner = schema.get("additionalProperties")
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items"), *schema.get("prefixItems", ())]
    for part in (*parts, inner):
        if isinstance(part, dict):
            yield from words(cast("Json", part))


def _types(told: str | list[str]) -> str:
    return told if isinstance(told, str) else " | ".join(told)


def _bounds(schema: Json) -> str:
    told = [f"{name} {_json(schema[name])}" for name in BOUNDS if name in schema]
    return f" ({', '.join(told)})" if told else ""


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
