"""A role at a project ends at the project: every route of the house, asked by people of one project for all else."""

import re
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import httpx2
import pytest

from tests.contracts.whole import Whole, open_whole
from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.vault import vault_routes
from tulou.assembly.web import control_app
from tulou.assembly.wiring import Assembled
from tulou.chassis.provided import Provided
from tulou.chassis.rest.unknown import METHODS
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import AuditEntry, Policy, RecordAudit, Role
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import CreateKey, Project, PutPrincipal, RoleBinding, Tenant
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import Entry, IngestEntries, Units
from tulou.http.server.server import serving
from tulou.testing.http import http_client

AT = float(int(time.time()))
MARK = "foreign"
"""Part of every name that people of the project `web` must never read."""

ROLES: Mapping[str, tuple[RoleBinding, ...]] = {
    "web-admin": (RoleBinding(role="admin", project="web"),),
    "web-viewer": (RoleBinding(role="viewer", project="web"),),
    "web-auditor": (RoleBinding(role="auditor", project="web"), RoleBinding(role="viewer", project="web")),
    "web-late": (RoleBinding(role="later-of-the-house", project="web"),),
    "foreign-api": (RoleBinding(role="admin", project="api"),),
    "foreign-ada": (RoleBinding(role="admin"),),
}
OF_WEB = ("web-admin", "web-viewer", "web-auditor", "web-late")
LIMITS = (
    Limit(
        name="foreign-tenant", tenant="red", scope="tenant", subject="red", measure="requests", amount=9, period="day"
    ),
    Limit(name="foreign-each", tenant="red", scope="project", measure="requests", amount=9, period="day"),
    Limit(name="foreign-api", tenant="red", scope="project", subject="red/api", measure="cost", amount=9, period="day"),
    Limit(
        name="foreign-blue", tenant="blue", scope="project", subject="blue/web", measure="cost", amount=9, period="day"
    ),
    Limit(name="foreign-house", scope="house", measure="requests", amount=9e6, period="day"),
    Limit(name="mine", tenant="red", scope="project", subject="red/web", measure="requests", amount=9, period="day"),
)
IDS: Mapping[str, tuple[str, ...]] = {
    "limits": tuple(limit.name for limit in LIMITS if limit.name != "mine"),
    "principals": ("foreign-api", "foreign-ada"),
    "projects": ("api", "default", "fresh"),
    "tenants": ("red", "blue"),
}
SELECTIONS = ("", "tenant=red", "tenant=blue", "tenant=*", "project=api", "project=web&project=api", "project=*")
GROUPS = "group_by=project&group_by=principal&group_by=key&group_by=tenant"
SPAN = f"start={AT - 10}&end={AT + 10}&start_time={int(AT) - 10}&end_time={int(AT) + 10}&bucket_width=1m"
LIMIT = {"measure": "requests", "amount": 1, "period": "day"}
OWN = LIMIT | {"scope": "project", "subject": "red/web"}
OF_OTHER_TENANTS = ("foreign-blue", "foreign-house")
BODIES: Mapping[str, tuple[dict[str, Any], ...]] = {
    "limits": (
        LIMIT | {"scope": "tenant"},
        LIMIT | {"scope": "tenant", "subject": "red", "tenant": "red"},
        LIMIT | {"scope": "house"},
        LIMIT | {"scope": "project"},
        LIMIT | {"scope": "project", "subject": "default"},
        LIMIT | {"scope": "project", "subject": "red/api"},
        LIMIT | {"scope": "project", "subject": "red/web/api"},
        LIMIT | {"scope": "project", "subject": "blue/web", "tenant": "blue"},
        LIMIT | {"scope": "principal", "subject": "foreign-api"},
        LIMIT | {"scope": "key", "subject": "key_1"},
        OWN,
    ),
    "keys": (
        {"name": "x", "project": "api", "principal": "new"},
        {"name": "x", "project": "default"},
        {"name": "x"},
        {"name": "x", "tenant": "blue", "project": "web", "principal": "new"},
        {"name": "x", "project": "web", "principal": "foreign-ada"},
    ),
    "principals": ({"kind": "service", "roles": [{"role": "viewer", "project": "web"}]}, {"roles": []}),
    "projects": ({"title": "mine"},),
}


@dataclass(frozen=True)
class Caller:
    http: httpx2.AsyncClient
    secret: str

    async def ask(self, method: str, path: str, body: object = None) -> httpx2.Response:
        return await self.http.request(method, path, json=body, headers={"x-api-key": self.secret})


@dataclass(frozen=True)
class Scene:
    routes: tuple[tuple[str, str], ...]
    callers: Mapping[str, Caller]
    keys: Mapping[str, str]


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    async with open_whole() as whole:
        await _furnish(whole)
        parts = {name: CATALOGUE[name] for name in whole.services}
        things: dict[type[Any], object] = {part.contract: whole.services[name] for name, part in parts.items()}
        nothing: Any = None
        assembled = Assembled({}, Provided(things))
        app = control_app(parts, assembled, first_start=nothing, vault=vault_routes(nothing, nothing), token="t")
        made = {name: await _key(whole, name, at) for name, at in _holders()}
        role = Role(name="later-of-the-house", permissions=("*:*",), house=True)
        await whole[Governance].put_role(role)  # that it was none of the house is how it came to be bound to a project
        async with serving(app) as url, http_client(url) as http:
            callers = {name: Caller(http, secret) for name, (_, secret) in made.items()}
            yield Scene(tuple(_routes(app.openapi()["paths"])), callers, {name: key for name, (key, _) in made.items()})


def _holders() -> Iterator[tuple[str, str]]:
    yield from ((name, "api" if name == "foreign-api" else "default" if "ada" in name else "web") for name in ROLES)
    yield "boss", "default"


async def _key(whole: Whole, name: str, project: str) -> tuple[str, str]:
    wanted = CreateKey(name=name, tenant="red", principal=name, project=project, scopes=("admin", "inference"))
    made = await whole[Identity].create_key(wanted)
    return made.key.id, made.secret


async def _furnish(whole: Whole) -> None:
    identity = whole[Identity]
    await whole[Governance].put_role(Role(name="later-of-the-house", permissions=("*:read", "keys:write")))
    await whole[Governance].put_policy(Policy(name="all-may-see", text=_EVERYBODY_READS_THE_LEDGER))
    for tenant in ("red", "blue"):
        await identity.put_tenant(Tenant(name=tenant))
        for project in ("web", "api"):
            await identity.put_project(Project(tenant=tenant, name=project, title=f"{MARK}-title" * (project == "api")))
    for name, roles in ROLES.items():
        await identity.put_principal(PutPrincipal(tenant="red", name=name, kind="service", roles=roles))
    boss = PutPrincipal(tenant="red", name="boss", kind="service", roles=(RoleBinding(role="operator"),))
    await identity.put_principal(boss)
    for limit in LIMITS:
        await whole[Limits].put_limit(limit)
    await whole[Metering].ingest(IngestEntries.of("g", [_entry(number, *at) for number, at in enumerate(_USED)]))
    acts = [_act(number, *who) for number, who in enumerate((("red", "foreign-ada"), ("red", "foreign-api")))]
    await whole[Governance].record(RecordAudit(entries=tuple(acts)))


_EVERYBODY_READS_THE_LEDGER = 'permit (principal, action == Action::"ledger:read", resource);'
_USED = (("red", "web"), ("red", "api"), ("red", "default"), ("blue", "web"))


def _entry(number: int, tenant: str, project: str) -> Entry:
    mine = (tenant, project) == ("red", "web")
    who = "web-admin" if mine else f"{MARK}-{tenant}-{project}"
    return Entry(
        id=f"entry_{number}-{who}",
        at=AT,
        request_id=f"req_{number}",
        tenant=tenant,
        project=project,
        status=200,
        units=Units(input=3, output=4 if mine else 7_777),
        principal=who,
        key=f"key-{who}",
        model="tiny",
        endpoint="chat",
    )


def _act(number: int, tenant: str, principal: str) -> AuditEntry:
    return AuditEntry(
        id=f"audit_{number}", at=AT, tenant=tenant, principal=principal, action="x:write", resource="x", outcome="done"
    )


def _routes(paths: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    """Yield every route that asks who calls, with each thing in its path that is not of `web`."""
    for path, methods in paths.items():
        if not path.startswith(("/api/v1/", "/v1/organization")) or re.search(
            "/sign-|/first-start|/sessions/{session_id}", path
        ):
            continue
        for method in methods:
            if method.upper() in METHODS:
                yield from ((method.upper(), filled) for filled in _filled(path))


def _filled(path: str) -> Iterator[str]:
    noun = _noun(path)
    names = re.findall(r"{(\w+)}", path)
    ids = IDS.get(noun, ("KEY",) if noun == "keys" else ("foreign",))
    choices = [("red", "blue") if name == "tenant" else ids for name in names]
    for values in product(*choices):
        filled = path
        for name, value in zip(names, values, strict=True):
            filled = filled.replace(f"{{{name}}}", value)
        yield filled


def _noun(path: str) -> str:
    return path.removeprefix("/api").split("/")[2]


def _whole_path(path: str, scene: Scene, key: str) -> str:
    return path.replace("KEY", scene.keys[key])


@pytest.mark.parametrize("name", OF_WEB)
async def test_no_route_shows_people_of_a_project_what_is_another_projects_or_the_tenants(
    scene: Scene, name: str
) -> None:
    caller = scene.callers[name]
    seen = 0
    for method, path in scene.routes:
        if method != "GET":
            continue
        for selection in SELECTIONS:
            asked = f"{_whole_path(path, scene, 'foreign-api')}?{SPAN}&{GROUPS}&{selection}"
            reply = await caller.ask("GET", asked)
            assert reply.status_code in (200, 400, 403, 404), asked
            if reply.is_success and not path.startswith("/api/v1/audit"):  # what one was refused oneself is there
                seen += 1
                assert MARK not in reply.text, asked
                assert "7777" not in reply.text, asked
    audit = await caller.ask("GET", "/api/v1/audit?limit=500&tenant=red&principal=foreign-ada")
    items: list[Any] = audit.json()["items"] if audit.is_success else []
    assert {item["entry"]["principal"] for item in items} <= {name}
    assert seen > 40


@pytest.mark.parametrize("name", OF_WEB)
async def test_no_route_lets_people_of_a_project_change_what_is_another_projects_or_the_tenants(
    scene: Scene, name: str
) -> None:
    before = await _everything(scene)
    for method, path in scene.routes:
        if method == "GET" or path.startswith("/api/v1/me"):
            continue
        noun = _noun(path)
        for body, query in product(BODIES.get(noun, ({},)), ("", "?tenant=red", "?tenant=red&tenant=blue")):
            if body == OWN and path.endswith(OF_OTHER_TENANTS):
                continue  # names are each tenant's own, so this is another limit, and the caller's
            reply = await scene.callers[name].ask(method, _whole_path(path, scene, "foreign-ada") + query, body)
            assert not reply.is_success, f"{method} {path} {body}"
            assert reply.status_code < 500, f"{method} {path} {body}: {reply.text}"
    assert await _everything(scene) == before


async def test_people_of_a_project_see_and_keep_what_is_its_own(scene: Scene) -> None:
    admin, viewer = scene.callers["web-admin"], scene.callers["web-viewer"]
    for caller in (admin, viewer):
        assert [one["name"] for one in (await caller.ask("GET", "/api/v1/limits")).json()["items"]] == ["mine"]
        standing = (await caller.ask("GET", "/api/v1/limits/standing")).json()["items"]
        assert [one["subject"] for one in standing] == ["red/web"]
        ledger = (await caller.ask("GET", "/api/v1/ledger")).json()["items"]
        assert [one["project"] for one in ledger] == ["web"]
        usage = (await caller.ask("GET", f"/api/v1/usage?{SPAN}")).json()["rows"]
        assert [row["units"]["output"] for row in usage] == [4]
        projects = (await caller.ask("GET", "/api/v1/projects")).json()["items"]
        assert [one["name"] for one in projects] == ["web"]
        people = (await caller.ask("GET", "/api/v1/principals")).json()["items"]
        assert {one["name"] for one in people} == set(OF_WEB)
    body = LIMIT | {"scope": "project", "subject": "web"}
    made = await admin.ask("PUT", "/api/v1/limits/more", body)
    assert (made.json()["tenant"], made.json()["subject"]) == ("red", "red/web")
    assert (await viewer.ask("DELETE", "/api/v1/limits/more")).status_code == 403
    assert (await admin.ask("DELETE", "/api/v1/limits/more")).status_code == 204
    audit = (await admin.ask("GET", "/api/v1/audit?action=limits:write&outcome=done")).json()["items"]
    assert {one["entry"]["principal"] for one in audit} == {"web-admin"}


async def test_people_of_the_tenant_and_of_the_house_see_what_they_saw(scene: Scene) -> None:
    for name, count in (("foreign-ada", 4), ("boss", 6)):
        limits = (await scene.callers[name].ask("GET", "/api/v1/limits")).json()["items"]
        assert len(limits) == count
    ledger = (await scene.callers["foreign-ada"].ask("GET", "/api/v1/ledger")).json()["items"]
    assert {one["project"] for one in ledger} == {"web", "api", "default"}
    audit = (await scene.callers["foreign-ada"].ask("GET", "/api/v1/audit?action=x:write")).json()["items"]
    assert len(audit) == 2


async def _everything(scene: Scene) -> list[Any]:
    paths = ("limits", "keys?limit=500", "principals?limit=500", "projects", "tenants", "roles", "policies", "prices")
    replies = [await scene.callers["boss"].ask("GET", f"/api/v1/{path}") for path in paths]
    return [_without_times(reply.json()) for reply in replies]


def _without_times(found: Any) -> Any:
    return [{**item, "seen_at": None} for item in found["items"]]
