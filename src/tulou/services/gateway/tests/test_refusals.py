"""The gate over real sockets: requests that are not let in, and how they are told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tulou.kernel.clock import SystemClock
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.gate import AUTH, SECRET, gate, grant, question, snapshot, target
from tulou.services.gateway.tests.upstream import upstream
from tulou.testing.clock import ManualClock

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_api_key"),
        ({"authorization": "Basic abc"}, "missing_api_key"),
        ({"authorization": "Bearer sk-wrong"}, "invalid_api_key"),
        ({"x-api-key": "sk-wrong"}, "invalid_api_key"),
    ],
)
async def test_a_request_without_a_valid_key_is_not_authenticated(
    tmp_path: Path, headers: dict[str, str], code: str
) -> None:
    async with gate(tmp_path, snapshot()) as gateway:
        for path in (CHAT, "/v1/embeddings", "/v1/completions"):
            got = await gateway.http.post(path, json=question(), headers=headers)
            assert (got.status_code, got.json()["error"]["code"]) == (401, code)
            assert got.json()["error"]["type"] == "authentication_error"
            assert got.headers["x-should-retry"] == "false"
        assert (await gateway.http.get("/v1/models", headers=headers)).status_code == 401


@pytest.mark.parametrize("header", ["x-api-key", "api-key"])
async def test_a_key_may_come_in_the_headers_of_other_vendors(tmp_path: Path, header: str) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        assert (await gateway.http.post(CHAT, json=question(), headers={header: SECRET})).status_code == 200


async def test_a_key_expires_by_the_clock(tmp_path: Path) -> None:
    clock = ManualClock()
    keys = (grant(expires_at=clock.now() + 60),)
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()), grants=keys), clock=clock) as gateway:
        assert (await gateway.chat()).status_code == 200
        clock.advance(60)
        got = await gateway.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (401, "expired_api_key")


async def test_a_revoked_key_is_refused_with_the_next_snapshot(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        assert (await gateway.chat()).status_code == 200
        await gateway.tell(snapshot(target(one.replica()), grants=(), revision=2))
        assert (await gateway.chat()).json()["error"]["code"] == "invalid_api_key"


async def test_a_key_needs_the_scope_inference(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot(grants=(grant(scopes=("admin",)),))) as gateway:
        got = await gateway.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (403, "insufficient_scope")


async def test_a_key_sees_and_uses_only_its_models(tmp_path: Path) -> None:
    async with upstream() as one:
        told = snapshot(
            target(one.replica("demo-a"), deployment="demo-a"),
            target(deployment="other"),
            grants=(grant(models=("demo-*",)),),
        )
        async with gate(tmp_path, told) as gateway:
            listed = (await gateway.http.get("/v1/models", headers=AUTH)).json()["data"]
            assert [model["id"] for model in listed] == ["demo-a"]
            assert (await gateway.chat(model="demo-a")).status_code == 200
            got = await gateway.chat(model="other")
            assert (got.status_code, got.json()["error"]["code"]) == (403, "model_forbidden")
            assert (await gateway.http.get("/v1/models/other", headers=AUTH)).status_code == 404


async def test_an_unknown_model_is_not_found_however_it_is_asked_for(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot()) as gateway:
        for got in (await gateway.chat(model="nope"), await gateway.http.get("/v1/models/nope", headers=AUTH)):
            error = got.json()["error"]
            assert (got.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")


async def test_an_endpoint_that_a_model_does_not_have_is_refused_with_what_it_does(tmp_path: Path) -> None:
    async with upstream() as one:
        told = snapshot(target(one.replica("embed"), deployment="embed", endpoints=("embeddings",)))
        async with gate(tmp_path, told) as gateway:
            got = await gateway.chat(model="embed")
            assert (got.status_code, got.json()["error"]["code"]) == (400, "endpoint_not_supported")
            assert "it does embeddings" in got.json()["error"]["message"]


async def test_a_model_without_replicas_is_unavailable_not_unknown(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot(target())) as gateway:
        got = await gateway.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (503, "no_replica")
        assert got.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("body", "code", "param", "pointer"),
    [
        (b"{", "invalid_json", None, None),
        (b"", "invalid_json", None, None),
        (b'{"model": "\xff"}', "invalid_json", None, None),
        (b"[]", "invalid_type", None, ""),
        (b"{}", "invalid_type", "model", "/model"),
        (b'{"model": 1}', "invalid_type", "model", "/model"),
        (b'{"model": "tiny"}', "invalid_type", "messages", "/messages"),
        (b'{"model": "tiny", "messages": "hi"}', "invalid_type", "messages", "/messages"),
        (b'{"model": "tiny", "messages": [{"role": 5}]}', "invalid_type", "messages[0].role", "/messages/0/role"),
        (b'{"model": "tiny", "messages": [{}]}', "invalid_type", "messages[0].role", "/messages/0/role"),
        (b'{"model": "tiny", "messages": [], "stream": "yes"}', "invalid_type", "stream", "/stream"),
        (b'{"model": "tiny", "messages": [], "temperature": "hot"}', "invalid_type", "temperature", "/temperature"),
    ],
)
async def test_a_malformed_body_is_refused_with_the_place_of_what_is_wrong(
    tmp_path: Path, body: bytes, code: str, param: str | None, pointer: str | None
) -> None:
    async with gate(tmp_path, snapshot(target())) as gateway:
        got = await gateway.http.post(CHAT, content=body, headers=AUTH)
        error: dict[str, Any] = got.json()["error"]
        assert (got.status_code, error["code"], error["param"]) == (400, code, param)
        assert error.get("pointer") == pointer
        assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("stated", [True, False])
async def test_a_body_beyond_the_cap_is_refused(tmp_path: Path, *, stated: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 1000

    settings = GatewaySettings(body_bytes=10_000)
    async with gate(tmp_path, snapshot(target()), settings=settings) as gateway:
        content = b" " * 20_000 if stated else pieces()
        got = await gateway.http.post(CHAT, content=content, headers=AUTH)
        assert (got.status_code, got.json()["error"]["code"]) == (413, "request_too_large")
        assert gateway.service.turnstile.bytes == 0


async def test_bodies_together_have_a_cap_too(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot(target()), settings=GatewaySettings(bodies_bytes=10)) as gateway:
        got = await gateway.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (503, "overloaded")


async def test_paths_and_methods_that_there_are_not_are_told_in_the_same_shape(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot()) as gateway:
        assert (await gateway.http.get(CHAT, headers=AUTH)).status_code == 405
        got = await gateway.http.post("/v1/nothing", headers=AUTH)
        assert (got.status_code, got.json()["error"]["code"]) == (404, "path_not_found")
        assert (await gateway.http.delete("/v1/models", headers=AUTH)).status_code == 405


async def test_before_the_first_snapshot_nothing_is_answered_but_that(tmp_path: Path) -> None:
    async with gate(tmp_path, clock=SystemClock()) as gateway:
        assert (await gateway.chat()).json()["error"]["code"] == "starting"
        assert (await gateway.http.get("/readyz")).status_code == 503
        assert (await gateway.http.get("/healthz")).status_code == 200
