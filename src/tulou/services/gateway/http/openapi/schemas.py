"""JSON Schemas of what the gate is asked and of what it answers, made from the classes themselves."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.catalogue import ALL
from tulou.services.gateway.endpoints.endpoint import Shape
from tulou.services.gateway.http.openapi.words import FIELDS, PASSED_ON

Json = dict[str, Any]
PLACE = "#/components/schemas/"

REQUESTS: Mapping[Shape, str] = {endpoint.request: endpoint.described.schema for endpoint in ALL}
RENAMED = {kind.__name__: name for kind, name in REQUESTS.items()} | {
    "Message": "ChatMessage",
    "Turn": "MessageTurn",
    "Metadata": "MessageMetadata",
}
"""The dialect's classes have short names, which in the house's document would be taken for answers."""

ANSWERS: tuple[Shape, ...] = (
    answers.ServedModels,
    answers.AnthropicModels,
    *dict.fromkeys(shape for endpoint in ALL for shape in endpoint.described.shapes),
    answers.RefusalReply,
    answers.AnthropicRefusalReply,
    answers.Health,
    answers.Readiness,
    answers.Running,
)
EXPLAINED: Mapping[str, str] = {**FIELDS} | {
    name: words for endpoint in ALL for name, words in endpoint.described.fields.items()
}


def schemas() -> Json:
    """Return all schemas by name."""
    _, asked = msgspec.json.schema_components(tuple(REQUESTS), ref_template=f"{PLACE}{{name}}")
    _, answered = msgspec.json.schema_components(ANSWERS, ref_template=f"{PLACE}{{name}}")
    renamed = {RENAMED.get(name, name): _renamed(schema) for name, schema in asked.items()}
    for name, schema in renamed.items():
        _explain(name, schema)
    return renamed | answered


def ref(kind: Shape) -> Json:
    """Return the reference to the schema of a class."""
    return {"$ref": PLACE + REQUESTS.get(kind, kind.__name__)}


def _renamed(part: Any) -> Any:
    match part:
        case {"$ref": str(place)}:
            name = place.removeprefix(PLACE)
            return {"$ref": PLACE + RENAMED.get(name, name)}
        case dict():
            return {key: _renamed(value) for key, value in part.items()}  # pyright: ignore[reportUnknownVariableType] - JSON
        case list():
            return [_renamed(value) for value in part]  # pyright: ignore[reportUnknownVariableType] - JSON
        case _:
            return part


def _explain(name: str, schema: Json) -> None:
    """Say what each field means; what the gate does not know of, it hands on."""
    schema["title"] = name
    schema["additionalProperties"] = True
    if name.endswith("Request"):
        schema["description"] = PASSED_ON
    for field, words in EXPLAINED.items():
        if field in schema["properties"]:
            schema["properties"][field]["description"] = words
