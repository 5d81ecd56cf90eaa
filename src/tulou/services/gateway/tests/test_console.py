"""What is not inference goes to the control process, bytes in both directions."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tulou.http.server.server import serving
from tulou.services.gateway.http.entrance import UNKNOWN_BYTES
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually

STRANGERS: tuple[dict[str, str], ...] = (
    {},
    {"authorization": "Bearer sk-tulou-wrong"},
    {"x-api-key": "sk-tulou-wrong"},
)


class Control:
    """A control process of a few lines."""

    def __init__(self) -> None:
        self.asked = self.received = 0
        self.limits = ""
        self.watchers = 0
        self.app = Starlette(
            routes=[
                Route("/api/v1/echo", self.echo, methods=["GET", "POST"]),
                Route("/v1/{path:path}", self.echo, methods=["GET", "POST"]),
                Route("/api/v1/watch", self.watch),
                Route("/{path:path}", self.page, methods=["GET", "HEAD"]),
            ]
        )

    async def echo(self, request: Request) -> Response:
        self.asked += 1
        async for piece in request.stream():
            self.received += len(piece)
        if self.limits:
            return JSONResponse({}, 429, headers={"retry-after": "30", "x-tulou-limits": self.limits})
        return JSONResponse({"headers": dict(request.headers), "query": request.url.query, "size": self.received})

    async def watch(self, request: Request) -> Response:
        del request

        async def lines() -> AsyncIterator[bytes]:
            self.watchers += 1
            try:
                yield b"one\n"
                await asyncio.Event().wait()
            finally:
                self.watchers -= 1

        return StreamingResponse(lines())

    async def page(self, request: Request) -> Response:
        headers = {"set-cookie": "a=b", "keep-alive": "timeout=5"}
        return Response(f"page {request.url.path}", headers=headers, status_code=200)


async def test_requests_go_on_with_their_headers_and_come_back_with_theirs(tmp_path: Path) -> None:
    async with serving(Control().app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        got = await gateway.http.get("/")
        assert (got.text, got.headers["set-cookie"]) == ("page /", "a=b")
        assert "keep-alive" not in got.headers
        head = await gateway.http.head("/docs")
        assert (head.status_code, head.content) == (200, b"")
        told = {"authorization": "Bearer admin", "connection": "keep-alive, x-mine", "x-mine": "1", "te": "trailers"}
        sent = (await gateway.http.get("/api/v1/echo?a=1&b=%2F", headers=told)).json()
        assert sent["query"] == "a=1&b=%2F"
        assert sent["headers"]["authorization"] == "Bearer admin"
        assert sent["headers"]["x-forwarded-host"] == gateway.url.removeprefix("http://")
        assert not {"x-mine", "te"} & set(sent["headers"])


@pytest.mark.parametrize("stated", [True, False])
async def test_a_large_upload_streams_through(tmp_path: Path, *, stated: bool) -> None:
    size = 20_000_000

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(size // 100_000):
            yield b"x" * 100_000

    headers = AUTH | ({"content-length": str(size)} if stated else {})
    async with serving(Control().app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        got = await gateway.http.post("/api/v1/echo", content=pieces(), headers=headers)
        assert got.json()["size"] == size


async def many(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 10_000):
        yield b"x" * 10_000


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("headers", STRANGERS)
async def test_a_large_body_of_a_stranger_does_not_go_on(
    tmp_path: Path, headers: dict[str, str], *, stated: bool
) -> None:
    told = Control()
    length = {"content-length": "2000000"} if stated else {}
    async with serving(told.app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        got = await gateway.http.post("/api/v1/echo", content=many(2_000_000), headers=headers | length)

    assert got.status_code == 401
    assert got.json()["error"]["code"] == ("invalid_api_key" if headers else "missing_api_key")
    assert told.received <= UNKNOWN_BYTES


@pytest.mark.parametrize("headers", STRANGERS)
@pytest.mark.parametrize("path", ["/v1/files", "/openai/v1/files", "/v1/batches/b/cancel", "/v1/organization/usage"])
async def test_control_hears_of_no_stranger_where_every_route_asks_for_a_key(
    tmp_path: Path, headers: dict[str, str], path: str
) -> None:
    told = Control()
    async with serving(told.app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        got = await gateway.http.post(path, content=many(100_000), headers=headers)

    assert (got.status_code, told.asked) == (401, 0)


async def test_signing_in_goes_on_without_a_key_and_a_session_goes_on_whole(tmp_path: Path) -> None:
    async with serving(Control().app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        signing = await gateway.http.post("/api/v1/echo", json={"email": "ana@x.example", "password": "p" * 1000})
        session = {"cookie": "tulou_session=s"}
        upload = await gateway.http.post("/v1/files", content=many(1_000_000), headers=session)

    assert signing.json()["size"] > 1000
    assert upload.json()["size"] == signing.json()["size"] + 1_000_000


@pytest.mark.parametrize("stated", [True, False])
async def test_an_upload_beyond_the_setting_is_called_too_large(tmp_path: Path, *, stated: bool) -> None:
    length = {"content-length": "200000"} if stated else {}
    settings = GatewaySettings(upload_bytes=100_000)
    async with (
        serving(Control().app) as control,
        gate(tmp_path, snapshot(), control_url=control, settings=settings) as gateway,
    ):
        got = await gateway.http.post("/v1/files", content=many(200_000), headers=AUTH | length)

    assert (got.status_code, got.json()["error"]["code"]) == (413, "request_too_large")
    assert "[gateway] upload_bytes" in got.json()["error"]["message"]


async def test_a_watch_streams_at_once_and_ends_when_its_client_leaves(tmp_path: Path) -> None:
    told = Control()
    async with serving(told.app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        async with gateway.http.stream("GET", "/api/v1/watch") as got:
            assert await anext(got.aiter_bytes()) == b"one\n"
            assert told.watchers == 1
        await eventually(lambda: told.watchers == 0)


async def test_control_that_is_away_is_said_as_an_error(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot()) as gateway:
        got = await gateway.http.get("/api/v1/models")
        assert (got.status_code, got.json()["error"]["code"]) == (503, "control_unavailable")
        assert got.headers["retry-after"] == "1"


@pytest.mark.parametrize("path", ["/rpc/identity.create", "//rpc/x", "/%72pc/x", "/RPC/x"])
async def test_what_the_house_says_to_itself_is_not_reachable_from_outside(tmp_path: Path, path: str) -> None:
    async with serving(Control().app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        assert (await gateway.http.get(f"{gateway.url}{path}")).status_code == 404


async def test_other_origins_are_let_in_only_where_the_settings_say_so(tmp_path: Path) -> None:
    asked = {"origin": "https://app.example", "access-control-request-method": "POST"}
    async with gate(tmp_path, snapshot()) as gateway:
        assert "access-control-allow-origin" not in (await gateway.http.get("/healthz", headers=asked)).headers
    async with gate(tmp_path, snapshot(), settings=GatewaySettings(cors_origins=("https://app.example",))) as gateway:
        preflight = await gateway.http.options("/v1/chat/completions", headers=asked)
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, asked["origin"])
        got = await gateway.http.get("/healthz", headers={"origin": "https://app.example"})
        assert got.headers["access-control-allow-origin"] == "https://app.example"
        got = await gateway.http.get("/healthz", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in got.headers


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sk-tulou-wrong"}])
async def test_an_address_that_control_sends_away_is_sent_away_by_the_gate(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    told, clock = Control(), ManualClock(1000.0)
    told.limits = "address"
    async with serving(told.app) as control, gate(tmp_path, snapshot(), control_url=control, clock=clock) as gateway:
        first = await gateway.http.post("/api/v1/echo", headers=headers)
        clock.advance(29.0)
        second = await gateway.http.post("/api/v1/echo", headers=headers)
        assert (first.status_code, second.status_code, told.asked) == (429, 429, 1)
        assert second.headers["retry-after"] == "1"
        told.limits = ""
        assert (await gateway.http.post("/api/v1/echo", headers=AUTH)).status_code == 200, "a key that is known"
        clock.advance(2.0)
        assert (await gateway.http.post("/api/v1/echo", headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/echo", "/v1/files", "/openai/v1/files"])
@pytest.mark.parametrize("name", ["authorization", "x-api-key", "api-key"])
async def test_a_key_that_the_gate_knows_waits_for_no_others_of_its_address(
    tmp_path: Path, path: str, name: str
) -> None:
    told, secret = Control(), AUTH["authorization"].removeprefix("Bearer ")
    shown = f"Bearer {secret}" if name == "authorization" else secret
    async with serving(told.app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        told.limits = "address"
        for headers in ({}, {"authorization": "Bearer sk-tulou-wrong"}):
            assert (await gateway.http.post("/api/v1/echo", headers=headers)).status_code == 429
        told.limits = ""
        asked = told.asked
        assert (await gateway.http.post("/api/v1/echo", headers={"x-api-key": "wrong"})).status_code == 429
        assert told.asked == asked, "the door of unknown keys is shut"
        await gateway.http.post(path, headers={name: shown})
        assert told.asked == asked + 1


async def test_one_account_that_waits_closes_no_door_for_its_address(tmp_path: Path) -> None:
    told = Control()
    told.limits = "account"
    async with serving(told.app) as control, gate(tmp_path, snapshot(), control_url=control) as gateway:
        for _ in range(2):
            assert (await gateway.http.post("/api/v1/echo")).status_code == 429

    assert told.asked == 2
