"""What another tenant has is answered like what nobody has: the same status, the same words, on every route."""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from msgspec import convert

from tests.contracts.whole import Whole, open_whole
from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.vault import vault_routes
from tulou.assembly.web import control_app
from tulou.assembly.wiring import Assembled
from tulou.chassis.provided import Provided
from tulou.chassis.rest.unknown import METHODS
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import CreateKey, Project, PutPrincipal, RoleBinding, SignIn, Tenant
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit
from tulou.http.server.server import serving
from tulou.testing.http import http_client

Names = Mapping[str, str]

GONE: Names = {
    "tenant": "nowhere",
    "principal": "nobody",
    "project": "nothing",
    "key": "key_01jz0000000000000000000000",
    "session": "ses_01jz0000000000000000000000",
    "limit": "nolimit",
    "email": "nobody@example.org",
}
PASSWORD = "four words are fine"
NOUNS: Mapping[str, str] = {"tenants": "tenant", "limits": "limit", "projects": "project", "principals": "principal"}
IN_PATHS: Mapping[str, str] = {"tenant": "tenant", "key_id": "key", "session_id": "session"}
LIMIT = {"measure": "requests", "amount": 1, "period": "day"}

ASKED: tuple[tuple[str, str, object], ...] = (
    *(
        ("GET", f"/api/v1/{noun}?tenant={{tenant}}", None)
        for noun in ("keys", "principals", "projects", "limits", "limits/standing", "usage", "ledger", "audit")
    ),
    ("GET", "/api/v1/usage/csv?tenant={tenant}", None),
    ("GET", "/api/v1/audit/export?tenant={tenant}", None),
    ("GET", "/api/v1/principals/deleted?tenant={tenant}", None),
    ("GET", "/api/v1/keys?principal={principal}&project={project}", None),
    ("GET", "/api/v1/usage?key={key}&principal={principal}&project={project}", None),
    ("GET", "/api/v1/ledger?key={key}&principal={principal}&project={project}", None),
    ("GET", "/api/v1/audit?principal={principal}", None),
    ("GET", "/api/v1/limits/standing?subject={tenant}/{project}", None),
    ("GET", "/v1/organization/costs?start_time=1&project_ids={project}", None),
    ("GET", "/v1/organization/usage/completions?start_time=1&api_key_ids={key}&user_ids={principal}", None),
    ("POST", "/api/v1/keys", {"name": "x", "tenant": "{tenant}"}),
    ("POST", "/api/v1/keys", {"name": "x", "tenant": "{tenant}", "principal": "{principal}", "project": "{project}"}),
    ("POST", "/api/v1/keys", {"name": "x", "principal": "{principal}", "project": "{project}"}),
    ("POST", "/api/v1/keys", {"name": "x", "principal": "ada", "project": "{project}"}),
    ("PUT", "/api/v1/principals/red/new", {"roles": [{"role": "viewer", "project": "{project}"}]}),
    ("PUT", "/api/v1/principals/red/new", {"email": "{email}", "roles": []}),
    ("PUT", "/api/v1/principals/red/{principal}", {"roles": []}),
    ("PUT", "/api/v1/projects/red/{project}", {"title": "x"}),
    ("PUT", "/api/v1/limits/{limit}", LIMIT | {"scope": "tenant"}),
    ("PUT", "/api/v1/limits/{tenant}%2F{limit}", LIMIT | {"scope": "tenant"}),
    ("DELETE", "/api/v1/limits/{tenant}%2F{limit}", None),
    ("PUT", "/api/v1/limits/x", LIMIT | {"scope": "tenant", "subject": "{tenant}"}),
    ("PUT", "/api/v1/limits/x", LIMIT | {"scope": "tenant", "tenant": "{tenant}"}),
    ("PUT", "/api/v1/limits/x", LIMIT | {"scope": "project", "subject": "{project}"}),
    ("PUT", "/api/v1/limits/x", LIMIT | {"scope": "project", "subject": "{tenant}/{project}"}),
    ("PUT", "/api/v1/limits/x", LIMIT | {"scope": "principal", "subject": "{principal}"}),
    ("PUT", "/api/v1/limits/x", LIMIT | {"scope": "principal", "subject": "{tenant}/{principal}"}),
    ("PUT", "/api/v1/limits/x", LIMIT | {"scope": "key", "subject": "{key}"}),
    ("POST", "/api/v1/sign-in", {"email": "{email}", "password": "a guess"}),
    ("POST", "/api/v1/sign-in", {"email": "{email}", "password": "a guess", "tenant": "{tenant}"}),
    ("POST", "/api/v1/configuration/plan", {"document": "limits: []"}),
)


@dataclass(frozen=True)
class Scene:
    http: httpx2.AsyncClient
    secret: str
    routes: tuple[tuple[str, str], ...]
    there: Names
    his: str

    async def stands(self) -> bool:
        """Say whether what the other tenant has is still there: its people, their session, and its limit."""
        paths = ("principals/blue/ben", "projects/blue/secretproject", "principals/blue/ben/sessions", "limits")
        replies = [await self.http.get(f"/api/v1/{path}", headers={"x-api-key": self.his}) for path in paths]
        counts = [len(reply.json()["items"]) for reply in replies[2:]]
        return all(reply.is_success for reply in replies) and counts == [1, 1]

    async def ask(self, method: str, path: str, body: object, names: Names) -> tuple[int, str]:
        """Return a status, and the words of an error without the names that were asked for."""
        headers = {"content-type": "application/json"} | ({} if "sign-in" in path else {"x-api-key": self.secret})
        content = None if body is None else _filled(json.dumps(body), names)
        reply = await self.http.request(method, _filled(path, names), content=content, headers=headers)
        words = "" if reply.is_success else re.sub(r"req_\w+", "REQ", reply.text)
        for name, value in names.items():
            words = words.replace(value, f"<{name}>")
        return reply.status_code, words


def _filled(text: str, names: Names) -> str:
    return re.sub(r"{(\w+)}", lambda found: names[found[1]], text)


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    async with open_whole() as whole:
        there, secret, his = await _furnish(whole)
        parts = {name: CATALOGUE[name] for name in whole.services}
        things: dict[type[Any], object] = {part.contract: whole.services[name] for name, part in parts.items()}
        nothing: Any = None
        assembled = Assembled({}, Provided(things))
        app = control_app(parts, assembled, first_start=nothing, vault=vault_routes(nothing, nothing), token="t")
        async with serving(app) as url, http_client(url) as http:
            yield Scene(http, secret, tuple(_routes(app.openapi()["paths"])), there, his)


async def _furnish(whole: Whole) -> tuple[Names, str, str]:
    identity = whole[Identity]
    for tenant in ("red", "blue"):
        await identity.put_tenant(Tenant(name=tenant))
    await identity.put_project(Project(tenant="blue", name="secretproject"))
    roles = (RoleBinding(role="admin"),)
    ben = PutPrincipal(tenant="blue", name="ben", email="ben@example.org", password=PASSWORD, roles=roles)
    await identity.put_principal(ben)
    await identity.put_principal(PutPrincipal(tenant="red", name="ada", kind="service", roles=roles))
    hers = CreateKey(name="ada", tenant="red", principal="ada", scopes=("admin", "inference"))
    his = await identity.create_key(
        CreateKey(name="ben", tenant="blue", principal="ben", scopes=("admin", "inference"))
    )
    cap = {"name": "blue/cap", "tenant": "blue", "scope": "tenant", "subject": "blue"}
    await whole[Limits].put_limit(convert(LIMIT | cap, Limit))
    signed_in = await identity.sign_in(SignIn(email="ben@example.org", password=PASSWORD))
    there = {
        "tenant": "blue",
        "principal": "ben",
        "project": "secretproject",
        "key": his.key.id,
        "session": signed_in.session,
        "limit": "cap",
        "email": "ben@example.org",
    }
    return there, (await identity.create_key(hers)).secret, his.secret


def _routes(paths: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    """Yield every route that names a thing of a tenant in its path, with what kind of a thing that is."""
    for path, methods in paths.items():
        noun = path.removeprefix("/api/v1/").split("/")[0]
        kinds: dict[str, str] = {**IN_PATHS, **({"name": NOUNS[noun]} if noun in NOUNS else {})}
        names = re.findall(r"{(\w+)}", path)
        if names and path.startswith("/api/v1/") and set(names) <= set(kinds):
            known = path
            for name in names:
                known = known.replace(f"{{{name}}}", f"{{{kinds[name]}}}")
            yield from ((method.upper(), known) for method in methods if method.upper() in METHODS)


async def test_what_another_tenant_has_is_answered_like_what_nobody_has(scene: Scene) -> None:
    differing: list[object] = []
    bare: dict[str, object] = {}
    asked: list[tuple[str, str, object]] = [*((method, path, bare) for method, path in scene.routes), *ASKED]
    assert len(asked) > 45
    for method, path, body in asked:
        foreign, gone = [await scene.ask(method, path, body, names) for names in (scene.there, GONE)]
        assert foreign[0] < 500, path
        if foreign != gone:
            differing.append((method, path, body, foreign, gone))
    assert differing == []
    assert await scene.stands()
