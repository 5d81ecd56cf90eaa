"""What a route says of itself: what it asks for, and about which thing; nothing of that is read out of its address.

```python
@router.delete("/keys/{key_id}", openapi_extra=permits("keys:write", "key", "{key_id}"))
@router.put("/me/password", openapi_extra=known("me", "password"))       # whoever is known may
@router.post("/sign-in", openapi_extra=anybody("sign-in"))               # asks for no key
```

A route that says nothing does not come into the app.
"""

from collections.abc import Mapping
from typing import Any, Literal, cast

from fastapi.routing import APIRoute
from starlette.types import Scope

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

ADMINISTRATION = "/api/v1/"
INFERENCE = "/v1/"

PERMISSION = "x-permission"
"""What the document names a route's permission."""
RESOURCE = "x-resource"

Names = Literal["", "path", "query", "body"]
"""Where a request names the tenant that it is about; nowhere: then it is the caller's own."""


@message
class Declared:
    """What a route asks for: `permission`, empty where none is needed; `action` as the audit trail knows it.

    What it is about is a `kind` of thing with a `name`, in which `{...}` are parameters of the path. `place` is where
    the trail finds the thing. `tenant` says where the tenant is named; in the path, it is the parameter `tenant_in`.
    Of a `secret` body the trail keeps the names of its fields alone.
    """

    permission: str
    action: str
    kind: str
    name: str = ""
    place: str = ""
    tenant: Names = ""
    tenant_in: str = "tenant"
    secret: bool = False

    def named(self, parameters: Mapping[str, object]) -> str:
        """Return the name of the thing that a request with these parameters of its path is about."""
        return self.name.format_map(parameters)

    def placed(self, parameters: Mapping[str, object]) -> str:
        """Return where the trail finds it: `keys/key_1`."""
        return "/".join(part for part in (self.place, self.named(parameters)) if part)


def permits(
    permission: str,
    kind: str,
    name: str = "",
    *,
    tenant: Names = "",
    tenant_in: str = "tenant",
    place: str = "",
    secret: bool = False,
) -> dict[str, Any]:
    """Return the `openapi_extra` of a route that asks for a permission."""
    place = place or permission.partition(":")[0]
    return _said(
        Declared(
            permission=permission,
            action=permission,
            kind=kind,
            name=name,
            place=place,
            tenant=tenant,
            tenant_in=tenant_in,
            secret=secret,
        )
    )


def known(noun: str, name: str = "") -> dict[str, Any]:
    """Return the `openapi_extra` of a route that is open to whoever is known; what it is sent is made of secrets."""
    return _said(_open(noun, name, secret=True))


def anybody(noun: str, name: str = "") -> dict[str, Any]:
    """Return the `openapi_extra` of a route that asks for no key."""
    return _said(_open(noun, name, secret=False))


def declared_of(scope: Scope) -> Declared | None:
    """Return what the route of a request says of itself; None where no route answers it."""
    route = scope.get("route")
    if not isinstance(route, APIRoute) or scope["method"] not in (route.methods or ()):
        return None
    return declaration(route)


def declaration(route: APIRoute) -> Declared:
    """Return what a route says of itself; raise `InvalidError` for one that says nothing."""
    extra = cast("Mapping[str, Any]", route.openapi_extra or {})
    found = extra.get(RESOURCE)
    if found is None:
        raise InvalidError(f"{sorted(route.methods or ())} {route.path} does not say what it asks for (`permits`)")
    return Declared(permission=extra.get(PERMISSION, ""), **found)


def _open(noun: str, name: str, *, secret: bool) -> Declared:
    return Declared(permission="", action=f"{noun}:write", kind=noun, name=name, place=noun, secret=secret)


def _said(what: Declared) -> dict[str, Any]:
    about = {name: getattr(what, name) for name in ("action", "kind", "name", "place", "tenant", "tenant_in", "secret")}
    return {**({PERMISSION: what.permission} if what.permission else {}), RESOURCE: about}
