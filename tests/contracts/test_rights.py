"""Every route of the house asks for a permission, and gives nothing to whoever has none."""

import re
from collections.abc import AsyncGenerator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.first_start import FirstStart
from tulou.assembly.vault import vault_routes
from tulou.assembly.web import control_app
from tulou.assembly.wiring import Assembled
from tulou.chassis.provided import Provided
from tulou.chassis.rest.unknown import METHODS
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import ListAudit
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import Authenticate, Identified, Scope
from tulou.http.server.server import serving
from tulou.rules.rights.nouns import NOUNS, WIDENING
from tulou.services.gateway.http.openapi.document import document
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.settings import GovernanceSettings
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.http import http_client

TABLE = Path(__file__).with_name("declared.txt")
PUBLIC = frozenset({"sign-in", "sign-out"})


class Nobodys:
    """Stands where a service would, and fails if it is ever asked; whoever brings a key has the role of that name."""

    async def authenticate(self, request: Authenticate) -> Identified:
        role, _, model = request.secret.partition("~")
        roles = () if role == "none" else (role,)
        scopes: tuple[Scope, ...] = ("inference", "admin")
        return Identified(
            key="key_1", tenant="north", principal="ana", scopes=scopes, roles=roles, models=(model or "*",)
        )

    def __getattr__(self, name: str) -> Any:
        return self._never

    async def _never(self, *_: object) -> None:
        raise AssertionError("a service was asked by somebody who may not")


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.governance.migrations") as opened:
        yield opened


@pytest.fixture
async def governance(house: SmallHouse) -> AsyncGenerator[Governance]:
    async with COMPONENT.build(house.provided({GovernanceSettings: GovernanceSettings()})) as service:
        yield service


def app_of(governance: Governance) -> FastAPI:
    nobodys: Any = Nobodys()
    things: dict[type[Any], object] = {part.contract: nobodys for part in CATALOGUE.values()}
    things |= {Governance: governance, Identity: nobodys}
    first: FirstStart = nobodys
    vault = vault_routes(nobodys, nobodys)
    return control_app(CATALOGUE, Assembled({}, Provided(things)), first_start=first, vault=vault, token="t")


@pytest.fixture
async def client(governance: Governance) -> AsyncGenerator[httpx2.AsyncClient]:
    async with serving(app_of(governance)) as url, http_client(url) as http:
        yield http


@cache
def routes(prefix: str) -> list[tuple[str, str]]:
    """Return method and path of every route of control's, its parameters filled in; the gate's own are not here."""
    nobodys: Any = Nobodys()
    paths: dict[str, dict[str, object]] = app_of(nobodys).openapi()["paths"]
    gates = document()["paths"]
    ours = {path: methods for path, methods in paths.items() if path.startswith(prefix) and path not in gates}
    return [
        (method.upper(), re.sub(r"[{}]", "", path))
        for path, methods in ours.items()
        for method in methods
        if method.upper() in METHODS
    ]


@cache
def permissions() -> dict[str, str]:
    """Return what each route asks for, by the table; those that ask for nothing are not in it."""
    lines = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()]
    return {re.sub(r"[{}]", "", line[0]): line[1] for line in lines if not line[1].startswith("(")}


def permission_of(method: str, path: str) -> str:
    return permissions()[f"{method} {path}"]


def guarded() -> list[tuple[str, str]]:
    """Return the routes of the administration that ask for a permission."""
    asked = [one for one in routes("/api/v1/") if " ".join(one) in permissions()]
    assert len(asked) > 60
    return asked


async def test_every_route_denies_a_key_without_permission(client: httpx2.AsyncClient) -> None:
    for method, path in guarded():
        reply = await client.request(method, path, headers={"x-api-key": "none"})
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "forbidden"), f"{method} {path}"
        assert (
            f"needs the permission {permission_of(method, path)}: ana has no role" in reply.json()["error"]["message"]
        )


async def test_every_change_denies_a_viewer(client: httpx2.AsyncClient) -> None:
    for method, path in guarded():
        if method != "GET":
            reply = await client.request(method, path, headers={"x-api-key": "viewer"})
            assert reply.status_code == 403, f"{method} {path}"
            assert "ana has the role viewer, which does not permit it" in reply.json()["error"]["message"]


async def test_every_route_denies_who_brings_no_key(client: httpx2.AsyncClient) -> None:
    for method, path in [*guarded(), *routes("/v1/")]:
        reply = await client.request(method, path)
        assert reply.status_code == 401, f"{method} {path}"


async def test_every_route_beside_inference_denies_a_key_without_permission(client: httpx2.AsyncClient) -> None:
    for method, path in routes("/v1/"):
        reply = await client.request(method, path, headers={"x-api-key": "none"})
        assert reply.status_code == 403, f"{method} {path}"
        assert f"needs the permission {permission_of(method, path)}" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "host",
    ["x/v1/models?", "x/healthz#", "x/api/v1/sign-in?", "x@y/", "x\\", "x/api/v1/me/..;", "[", "", "x:y", "\xe9"],
)
async def test_a_host_header_does_not_change_which_permission_is_asked_for(governance: Governance, host: str) -> None:
    transport = httpx2.ASGITransport(app_of(governance))  # without our server, which refuses such a header itself
    async with httpx2.AsyncClient(transport=transport, base_url="http://house") as client:
        for method, path in [*guarded(), *routes("/v1/")]:
            headers = [(b"host", host.encode("latin-1")), (b"x-api-key", b"none")]
            reply = await client.request(method, path, headers=headers)
            assert reply.status_code == 403, f"{method} {path}"
            asked = permission_of(method, path)
            assert f"{method} {path} needs the permission {asked}" in reply.json()["error"]["message"]


async def test_what_every_route_asks_for_can_be_given_by_a_role() -> None:
    nouns = {permission.partition(":")[0] for permission in permissions().values()}
    assert nouns <= NOUNS, "add it to rules/rights/nouns.py: whose is it?"


async def test_a_path_names_the_tenant_that_it_is_about(client: httpx2.AsyncClient) -> None:
    for path, body in (
        ("/api/v1/projects/south/web", {}),
        ("/api/v1/keys", {"name": "x", "tenant": "south"}),
        ("/api/v1/keys?tenant=north", {"name": "x", "tenant": "south"}),
    ):
        method = "PUT" if "projects" in path else "POST"
        reply = await client.request(method, path, headers={"x-api-key": "admin"}, json=body)
        assert reply.status_code == 403, path
        assert "of the tenant south" in reply.json()["error"]["message"]


async def test_whoever_was_denied_is_in_the_trail(client: httpx2.AsyncClient, governance: Governance) -> None:
    reply = await client.get("/api/v1/keys", headers={"x-api-key": "none"})
    (record,) = (await governance.audit(ListAudit())).items
    entry = record.entry
    assert (entry.principal, entry.tenant, entry.action, entry.resource) == ("ana", "north", "keys:read", "keys")
    assert (entry.outcome, entry.code, entry.request_id) == ("denied", "forbidden", reply.headers["x-request-id"])
    assert "ana has no role" in entry.detail


async def test_a_key_for_some_models_alone_changes_nothing_that_could_open_it_others(
    client: httpx2.AsyncClient,
) -> None:
    for method, path in guarded():
        if method != "GET" and permission_of(method, path).partition(":")[0] in WIDENING:
            reply = await client.request(method, path, headers={"x-api-key": "operator~tiny"})
            assert reply.status_code == 403, f"{method} {path}"
            assert "this key is for tiny alone" in reply.json()["error"]["message"]
