"""What each route asks for, and about what, as the table beside this says: a change of code alone changes none of it.

A line is method and path, permission, the trail's action, kind and name of the thing, and where its tenant is named.
"""

from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount

from tests.contracts.test_rights import PUBLIC, TABLE, Nobodys, app_of
from tulou.chassis.rest import rest_app
from tulou.chassis.rest.declared import Declared, declaration
from tulou.kernel.errors import InvalidError


def declared() -> list[tuple[str, str, Declared]]:
    """Return method, path and declaration of every route of control's."""
    nobodys: Any = Nobodys()
    contexts = iter_route_contexts([route for route in app_of(nobodys).routes if not isinstance(route, Mount)])
    found = [
        (method, (context.path or "").replace(":path}", "}"), declaration(context.original_route))
        for context in contexts
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    ]
    assert len(found) > 130
    return found


def line(method: str, path: str, what: Declared) -> str:
    permission = what.permission or ("(anybody)" if what.place in PUBLIC else "(known)")
    tenant = {"path": f"path:{what.tenant_in}"}.get(what.tenant, what.tenant)
    return "\t".join((f"{method} {path}", permission, what.action, what.kind, what.name, tenant))


def test_every_route_asks_for_what_it_always_asked_for() -> None:
    told = sorted(line(*one) for one in declared())
    assert told == TABLE.read_text("utf-8").splitlines()


def test_the_trail_finds_the_thing_of_each_route_under_its_address() -> None:
    for method, path, what in declared():
        parts = {name: f"{{{name}}}" for name in _parameters(path)}
        assert path.removeprefix("/api").removeprefix("/v1/") == what.placed(parts), f"{method} {path}"


def test_a_route_that_does_not_say_what_it_asks_for_does_not_come_into_the_app() -> None:
    routes = APIRouter(prefix="/api/v1/keys")

    @routes.get("/secret")
    async def secret() -> str:
        return "42"

    _ = secret
    for place in ("routers", "inference", "public"):
        asked: dict[str, Any] = {"routers": (), place: (routes,)}
        with pytest.raises(InvalidError, match=r"\['GET'\] /api/v1/keys/secret does not say what it asks for"):
            rest_app(authenticate=Nobodys().authenticate, **asked)


def _parameters(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]
