"""The frame of the REST API, with identity's routes in it."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
import structlog
from fastapi import APIRouter

from tulou.chassis.context_header import written
from tulou.chassis.rest import rest_app
from tulou.chassis.rest.declared import permits
from tulou.contracts.identity.messages import CreateKey
from tulou.http.server.server import serving
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import LimitedError
from tulou.services.identity.http import router
from tulou.services.identity.tests.conftest import service_in
from tulou.testing.house import SmallHouse
from tulou.testing.http import http_client


def odd_routes() -> APIRouter:
    """Return routes that go wrong in every way."""
    routes = APIRouter(prefix="/api/v1/odd")

    @routes.get("/bug", openapi_extra=permits("odd:read", "odd", "bug"))
    async def bug() -> None:
        raise ZeroDivisionError("secret detail")

    @routes.get("/limited", openapi_extra=permits("odd:read", "odd", "limited"))
    async def limited() -> None:
        raise LimitedError("too many", retry_after_s=2.4)

    @routes.get("/context", openapi_extra=permits("odd:read", "odd", "context"))
    async def context() -> dict[str, Any]:
        return msgspec.json.decode(written(CONTEXT.get()))

    _ = (bug, limited, context)
    return routes


@pytest.fixture
async def client(house: SmallHouse) -> AsyncGenerator[httpx2.AsyncClient]:
    identity = service_in(house)
    app = rest_app([router(identity), odd_routes()], authenticate=identity.authenticate)
    admin = await identity.create_key(CreateKey(name="boss", principal="ana", scopes=("admin",)))
    headers = {"authorization": f"Bearer {admin.secret}"}
    async with serving(app) as url, http_client(url, headers=headers) as http:
        yield http


def problem(reply: httpx2.Response) -> dict[str, str | None]:
    return reply.json()["error"]


async def test_a_key_is_made_shown_and_ended(client: httpx2.AsyncClient) -> None:
    made = await client.post("/api/v1/keys", json={"name": "app", "models": ["demo"]})
    assert made.status_code == 201
    key_id = made.json()["key"]["id"]
    shown = await client.get(f"/api/v1/keys/{key_id}")
    assert shown.json()["prefix"] == made.json()["secret"][:17]
    assert "secret" not in shown.text
    ended = await client.delete(f"/api/v1/keys/{key_id}")
    assert ended.json()["revoked_at"] is not None
    listed = await client.get("/api/v1/keys", params={"revoked": "true"})
    assert [key["name"] for key in listed.json()["items"]] == ["app", "boss"]
    assert (await client.get("/api/v1/me")).json()["principal"] == "ana"


async def test_the_context_says_who_asks_and_the_reply_under_which_id(client: httpx2.AsyncClient) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    reply = await client.get("/api/v1/odd/context", headers={"x-request-id": "mine-1", "traceparent": trace})
    assert reply.headers["x-request-id"] == "mine-1"
    seen = reply.json()
    assert (seen["request_id"], seen["principal"], seen["tenant"]) == ("mine-1", "ana", "default")
    assert seen["traceparent"] == trace
    assert seen["key"].startswith("key_")
    other = await client.get("/api/v1/odd/context", headers={"x-request-id": "bad id!"})
    assert other.headers["x-request-id"].startswith("req_")


async def test_without_a_valid_admin_key_nothing_is_said(client: httpx2.AsyncClient) -> None:
    for headers in ({"authorization": ""}, {"authorization": "Basic eA=="}, {"authorization": "Bearer sk-wrong"}):
        reply = await client.get("/api/v1/keys", headers=headers)
        assert (reply.status_code, problem(reply)["type"]) == (401, "authentication_error")
        assert reply.headers["www-authenticate"] == "Bearer"
    plain = await client.post("/api/v1/keys", json={"name": "app"})
    refused = await client.get("/api/v1/keys", headers={"authorization": "", "x-api-key": plain.json()["secret"]})
    assert (refused.status_code, problem(refused)["code"]) == (403, "forbidden")


async def test_a_wrong_field_is_named_by_its_path(client: httpx2.AsyncClient) -> None:
    for body, param in (
        ({"name": 5}, "name"),
        ({"name": "x", "models": ["a", 1]}, "models[1]"),
        ({"name": "x", "scopes": ["god"]}, "scopes[0]"),
        ({}, "name"),
    ):
        reply = await client.post("/api/v1/keys", json=body)
        assert (reply.status_code, problem(reply)["param"]) == (400, param)
        assert problem(reply)["code"] == "invalid_request"
    paged = await client.get("/api/v1/keys", params={"limit": "0"})
    assert (paged.status_code, problem(paged)["param"]) == (400, "limit")


async def test_a_body_that_is_not_json_is_called_that(client: httpx2.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    for body in (b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[]", b""):
        reply = await client.post("/api/v1/keys", content=body, headers=headers)
        assert (reply.status_code, problem(reply)["code"]) == (400, "invalid_request"), body[:9]
    assert "not JSON" in str(problem(await client.post("/api/v1/keys", content=b"{", headers=headers))["message"])


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
async def test_numbers_that_json_does_not_have_are_refused(client: httpx2.AsyncClient, number: bytes) -> None:
    headers = {"content-type": "application/json"}
    for body in (b'{"name": "app", "expires_at": %b}', b'{"name": "app", "unknown": [{"deep": %b}]}'):
        reply = await client.post("/api/v1/keys", content=body % number, headers=headers)
        assert (reply.status_code, problem(reply)["code"]) == (400, "invalid_request"), body
        assert "not JSON" in str(problem(reply)["message"])


async def test_a_body_that_is_too_large_is_refused(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    for content in (b" " * 2_000_000, endless()):
        reply = await client.post("/api/v1/keys", content=content, headers={"content-type": "application/json"})
        assert (reply.status_code, problem(reply)["code"]) == (413, "too_large")


async def test_unknown_routes_and_methods_have_the_same_shape(client: httpx2.AsyncClient) -> None:
    for method, path, status, code in (
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/keys", 405, "invalid_request"),
        ("GET", "/elsewhere", 404, "not_found"),
    ):
        reply = await client.request(method, path)
        assert (reply.status_code, problem(reply)["code"]) == (status, code)
        assert reply.headers.get("allow") == ("GET, POST" if status == 405 else None)
        assert problem(reply)["message"] == f"no route {method} {path}; /docs lists those there are"
        assert reply.headers["x-request-id"]


async def test_a_limit_says_when_to_come_back(client: httpx2.AsyncClient) -> None:
    reply = await client.get("/api/v1/odd/limited")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "2")


async def test_a_bug_is_logged_under_the_request_id_and_kept_from_the_caller(client: httpx2.AsyncClient) -> None:
    with structlog.testing.capture_logs() as logs:
        reply = await client.get("/api/v1/odd/bug")
    assert reply.status_code == 500
    assert "secret detail" not in reply.text
    request_id = reply.headers["x-request-id"]
    assert request_id in str(problem(reply)["message"])
    assert [(entry["event"], entry["request_id"]) for entry in logs] == [("request_failed", request_id)]


async def test_the_description_names_each_operation_once(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["paths"]["/api/v1/keys"]["post"]["operationId"] == "create_key"
    assert "CreatedKey" in document["components"]["schemas"]
