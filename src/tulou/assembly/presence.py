"""What of an answer is always there: REST sends every field of a message, those with defaults too.

FastAPI marks a field with a default as one that may be missing, which is true of what is sent and not of what is
answered. A message that goes both ways is described twice, as FastAPI does it: `Price` as it may be sent, and
`Price-Output` as it is answered.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, cast

Json = dict[str, Any]

PLACE = "#/components/schemas/"
OUTPUT = "-Output"


def complete_answers(document: Json) -> None:
    """Mark every field of what the routes of *document* answer as present."""
    schemas: Json = document["components"]["schemas"]
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    asked = [operation.get(part) for operation in operations for part in ("requestBody", "parameters")]
    sent = _reached(schemas, asked)
    answered = _reached(schemas, [operation["responses"] for operation in operations])
    outputs = {name: f"{name}{OUTPUT}" for name in sorted(sent & answered) if _may_lack(schemas, name, sent & answered)}
    schemas |= {output: deepcopy(schemas[name]) for name, output in outputs.items()}
    for operation in operations:
        _redirect(operation["responses"], outputs)
    for name in (answered - sent) | set(outputs.values()):
        _redirect(schemas[name], outputs)
        if "properties" in schemas[name]:
            schemas[name]["required"] = list(schemas[name]["properties"])


def _may_lack(schemas: Json, name: str, among: set[str]) -> bool:
    """Say whether a field of a message, or of one *among* many inside of it, may be missing when it is sent."""
    inside = (schemas[one] for one in _reached(schemas, [{"$ref": PLACE + name}]) & among)
    return any(schema.get("properties", {}).keys() - set(schema.get("required", ())) for schema in inside)


def _reached(schemas: Json, roots: Iterable[object]) -> set[str]:
    """Return the names of the schemas that *roots* name, and of those inside of them."""
    found = set[str]()
    new = {name for root in roots for name in _named(root)}
    while new:
        found |= new
        new = {name for one in new for name in _named(schemas[one])} - found
    return found


def _named(value: object) -> Iterator[str]:
    for part in _parts(value):
        place = part.get("$ref")
        if isinstance(place, str) and place.startswith(PLACE):
            yield place.removeprefix(PLACE)


def _redirect(value: object, outputs: Mapping[str, str]) -> None:
    for part in _parts(value):
        place = part.get("$ref")
        if isinstance(place, str) and place.removeprefix(PLACE) in outputs:
            part["$ref"] = PLACE + outputs[place.removeprefix(PLACE)]


def _parts(value: object) -> Iterator[Json]:
    """Yield every object inside of a JSON value."""
    if isinstance(value, dict):
        yield cast("Json", value)
        for inner in cast("Json", value).values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _parts(inner)
