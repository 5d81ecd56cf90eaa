"""One OpenAPI document for all that is behind the gate: what the REST routes say of themselves, and the gate's own."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from tulou.assembly.presence import complete_answers
from tulou.chassis.rest.app import PUBLIC
from tulou.chassis.rest.permissions import ADMINISTRATION, permission_of, use_of
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
BESIDE = ("/v1/files", "/v1/batches", "/v1/organization")
"""What asks for a permission of its own; all other inference asks for that to use a model."""
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
    paths: Json = {**gate["paths"], **rest["paths"]}
    components: Json = {"securitySchemes": SCHEMES, **gate["components"]}
    components["schemas"] = {
        **rest["components"]["schemas"],
        **gate["components"]["schemas"],
        "Permission": {"type": "string", "enum": _declare_permissions(paths), "description": PERMISSION},
    }
    return {
        **rest,
        "info": {**rest["info"], "title": "Tulou", "description": ABOUT},
        "security": [{"bearer": []}, {"api_key": []}],
        "tags": gate["tags"],
        "paths": paths,
        "components": components,
    }


def _mend(rest: Json) -> None:
    """Say what FastAPI does not know: that failures are JSON whatever a success is, and which routes ask for no key."""
    for item in rest["paths"].values():
        for operation in item.values():
            operation["responses"]["default"]["content"] = ERROR
            if PUBLIC in operation.get("tags", ()):
                operation["security"] = []


def _declare_permissions(paths: Json) -> list[str]:
    """Write beside each operation what it asks for, and return all that there are."""
    found = set[str]()
    for path, item in paths.items():
        for method in METHODS:
            if method in item and item[method].get("security") != [] and (asked := _permission(method, path)):
                item[method]["x-permission"] = asked
                found.add(asked)
    return sorted(found)


def _permission(method: str, path: str) -> str:
    if path.startswith(ADMINISTRATION):
        return permission_of(method.upper(), path)
    return use_of(path) if path.startswith(BESIDE) else "models:use"
