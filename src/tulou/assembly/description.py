"""One OpenAPI document for all that is behind the gate: what the REST routes say of themselves, and the gate's own."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from tulou.assembly.presence import complete_answers
from tulou.chassis.rest.app import PUBLIC
from tulou.chassis.rest.declared import PERMISSION as ASKED
from tulou.services.gateway.http.openapi.document import document

Json = dict[str, Any]

ABOUT = (
    "Everything behind the gate of a house. A key comes as `Authorization: Bearer sk-tulou-...` or as `x-api-key`. "
    'Every reply has an `x-request-id`; every failure the shape `{"error": {"message", "type", "param", "code"}}`.'
)
SCHEMES: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of this house, `sk-tulou-...`"},
    "api_key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same key in this header"},
}
PERMISSION = (
    "`<noun>:<verb>`. Each operation names the one it asks for as `x-permission`; a role may have `*` for either part."
)
USE = "models:use"
"""What inference asks for."""
METHODS = ("get", "post", "put", "patch", "delete")
ERROR: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorReply"}}}


def describe_all(app: FastAPI) -> None:
    """Make the app's document that of the whole house; its title, tags and security come from here."""
    made = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _merged(made(), document())
        return app.openapi_schema

    app.openapi = openapi  # as FastAPI wants it done


def _merged(rest: Json, gate: Mapping[str, Any]) -> Json:
    complete_answers(rest)
    _mend(rest)
    components: Json = {"securitySchemes": SCHEMES, **gate["components"]}
    components["schemas"] = {
        **rest["components"]["schemas"],
        **gate["components"]["schemas"],
        "Permission": {"type": "string", "enum": _permissions(rest, gate), "description": PERMISSION},
    }
    return {
        **rest,
        "info": {**rest["info"], "title": "Tulou", "description": ABOUT},
        "security": [{"bearer": []}, {"api_key": []}],
        "tags": gate["tags"],
        "paths": {**gate["paths"], **rest["paths"]},
        "components": components,
    }


def _mend(rest: Json) -> None:
    """Say what FastAPI does not know: that failures are JSON whatever a success is, and which routes ask for no key."""
    for item in rest["paths"].values():
        for operation in item.values():
            operation["responses"]["default"]["content"] = ERROR
            if PUBLIC in operation.get("tags", ()):
                operation["security"] = []


def _permissions(rest: Json, gate: Mapping[str, Any]) -> list[str]:
    """Return all permissions that there are; control's routes say theirs, and what is the gate's alone uses models."""
    for path in gate["paths"].keys() - rest["paths"].keys():
        for operation in _operations(gate["paths"][path]):
            if operation.get("security") != []:
                operation[ASKED] = USE
    items = [*rest["paths"].values(), *gate["paths"].values()]
    return sorted({operation[ASKED] for item in items for operation in _operations(item) if ASKED in operation})


def _operations(item: Json) -> list[Json]:
    return [item[method] for method in METHODS if method in item]
