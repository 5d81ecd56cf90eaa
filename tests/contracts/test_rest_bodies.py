"""Of a body not a byte is read before it is known who sends it, and no more of it than its route takes."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from unittest.mock import Mock

import httpx2
import msgspec
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from starlette.types import Message

from tulou.assembly.catalogue import CATALOGUE, CONTROL
from tulou.chassis.hosting import MESSAGE_BYTES, rpc_routes
from tulou.chassis.operations import operations_of
from tulou.chassis.rest import rest_app
from tulou.chassis.rest.app import PUBLIC
from tulou.chassis.rest.bodies import BODY_BYTES, DOCUMENT_BYTES, PUBLIC_BYTES, takes
from tulou.chassis.rest.declared import anybody, permits
from tulou.chassis.rest.entrance import BODIES_BYTES
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.http.server.server import serving
from tulou.kernel.errors import UnauthenticatedError
from tulou.services.files.component import COMPONENT
from tulou.testing.http import http_client

JSON = {"content-type": "application/json"}


class Text(BaseModel):
    """A body of any size."""

    text: str = ""


class Work:
    """Routes that take bodies, and hold them until they may go on."""

    def __init__(self) -> None:
        self.begun = asyncio.Semaphore(0)
        self.go_on = asyncio.Event()
        self.go_on.set()

    def routes(self) -> APIRouter:
        routes = APIRouter()

        @routes.post("/api/v1/texts", openapi_extra=permits("texts:write", "text"))
        async def take_text(body: Text) -> int:
            self.begun.release()
            await self.go_on.wait()
            return len(body.text)

        @routes.post(
            "/api/v1/documents", openapi_extra={**permits("documents:write", "document"), **takes(DOCUMENT_BYTES)}
        )
        async def take_document(body: Text) -> int:
            self.begun.release()
            await self.go_on.wait()
            return len(body.text)

        _ = (take_text, take_document)
        return routes

    def public(self) -> APIRouter:
        outer, routes = APIRouter(prefix="/api/v1"), APIRouter()

        @routes.post("/sign-in", openapi_extra=anybody("sign-in"))
        async def sign_in(body: Text) -> int:
            return len(body.text)

        _ = sign_in
        outer.include_router(routes)
        return outer


async def known(request: Authenticate) -> Identified:
    if request.secret not in {"red", "blue"}:
        raise UnauthenticatedError("nobody knows this key")
    return Identified(key="k", tenant=request.secret, principal="p", project="default", scopes=("admin", "inference"))


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def app(work: Work) -> FastAPI:
    return rest_app([work.routes()], public=[work.public()], inference=[], authenticate=known)


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[httpx2.AsyncClient]:
    async with serving(app) as url, http_client(url, headers=JSON) as http:
        yield http


def key(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


def text(size: int) -> bytes:
    return b'{"text": "%b"}' % (b"x" * (size - 12))


class Asked:
    """One request to an application, which counts what was read of its body."""

    def __init__(self, app: FastAPI, path: str, headers: dict[str, str], piece: bytes, *, method: str = "POST") -> None:
        self._app, self._path, self._piece, self._method = app, path, piece, method
        self._headers = [(name.encode(), value.encode()) for name, value in (JSON | headers).items()]
        self.read = self.status = 0

    async def ask(self) -> "Asked":
        scope = {"type": "http", "http_version": "1.1", "method": self._method, "path": self._path, "query_string": b""}
        more = {"raw_path": self._path.encode(), "root_path": "", "headers": self._headers, "scheme": "http"}
        await self._app(scope | more | {"client": ("test", 1), "server": ("test", 2)}, self._receive, self._send)
        return self

    async def _receive(self) -> Message:
        self.read += len(self._piece)
        return {"type": "http.request", "body": self._piece, "more_body": True}

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)


@pytest.mark.parametrize("path", ["/api/v1/texts", "/api/v1/documents"])
@pytest.mark.parametrize("headers", [{}, key("wrong"), {"x-api-key": "wrong"}, {"cookie": "tulou_session=wrong"}])
@pytest.mark.parametrize("framing", [{"content-length": "160000000"}, {"transfer-encoding": "chunked"}])
async def test_a_stranger_is_turned_away_before_a_byte_is_read(
    app: FastAPI, path: str, headers: dict[str, str], framing: dict[str, str]
) -> None:
    asked = await Asked(app, path, headers | framing, b"{},").ask()

    assert asked.status == (403 if "cookie" in headers else 401)  # another site might have made the browser ask
    assert asked.read == 0


@pytest.mark.parametrize(
    ("path", "headers", "cap"),
    [
        ("/api/v1/texts", key("red"), BODY_BYTES),
        ("/api/v1/documents", key("red"), DOCUMENT_BYTES),
        ("/api/v1/sign-in", {}, PUBLIC_BYTES),
    ],
)
async def test_a_body_is_read_as_far_as_its_route_says(
    app: FastAPI, client: httpx2.AsyncClient, path: str, headers: dict[str, str], cap: int
) -> None:
    stated = await Asked(app, path, headers | {"content-length": str(cap + 1)}, b"{},").ask()
    assert (stated.status, stated.read) == (413, 0)
    endless = await Asked(app, path, headers | {"transfer-encoding": "chunked"}, b"{}," * 1000).ask()
    assert endless.status == 413
    assert endless.read <= cap + 3000

    whole = await client.post(path, content=text(cap), headers=headers)
    assert (whole.status_code, whole.json()) == (200, cap - 12)
    larger = await client.post(path, content=text(cap + 1), headers=headers)
    assert (larger.status_code, larger.json()["error"]["code"]) == (413, "too_large")
    assert str(cap) in larger.json()["error"]["message"]


async def test_one_tenant_leaves_room_for_the_bodies_of_another(client: httpx2.AsyncClient, work: Work) -> None:
    work.go_on.clear()
    mine = BODIES_BYTES // 2 // DOCUMENT_BYTES

    async def send(who: str) -> int:
        return (await client.post("/api/v1/documents", content=text(DOCUMENT_BYTES), headers=key(who))).status_code

    held = [asyncio.create_task(send("red")) for _ in range(mine)]
    for _ in held:
        await work.begun.acquire()
    assert await send("red") == 503
    other = asyncio.create_task(send("blue"))
    await work.begun.acquire()
    work.go_on.set()

    assert await asyncio.gather(*held, other) == [200] * (mine + 1)
    assert await send("red") == 200


@pytest.mark.parametrize("many", [b"{}", b"[]", b"1", b'"a"', b'{"a":[]}'])
async def test_a_body_of_many_tiny_elements_is_refused_before_it_is_parsed(
    client: httpx2.AsyncClient, many: bytes
) -> None:
    for path in ("/api/v1/texts", "/api/v1/documents"):
        body = b'{"text": "", "more": [%b]}' % b",".join([many] * 150_000)
        got = await client.post(path, content=body[: BODY_BYTES + 1], headers=key("red"))

        assert (got.status_code, got.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "nested", [b"[" * 60_000 + b"]" * 60_000, b'{"a":' * 60_000 + b"1" + b"}" * 60_000, b"[" * 101]
)
async def test_a_body_that_is_nested_deep_is_refused_before_it_is_parsed(
    client: httpx2.AsyncClient, nested: bytes
) -> None:
    got = await client.post("/api/v1/texts", content=nested, headers=key("red"))

    assert (got.status_code, got.json()["error"]["code"]) == (400, "invalid_request")
    assert "deep" in got.json()["error"]["message"]


async def test_a_body_of_many_small_things_side_by_side_is_not_deep(client: httpx2.AsyncClient) -> None:
    body = b'{"text": "", "more": [%b]}' % b",".join([b'{"a": [1, 2]}'] * 10_000)

    assert (await client.post("/api/v1/texts", content=body, headers=key("red"))).json() == 0


@pytest.mark.parametrize("part", ["{,[", '\\"', "{,[\\n"])
async def test_what_looks_like_elements_in_a_text_is_text(client: httpx2.AsyncClient, part: str) -> None:
    whole = msgspec.json.encode({"text": part * 200_000})

    got = await client.post("/api/v1/documents", content=whole, headers=key("red"))

    assert (got.status_code, got.json()) == (200, len(part) * 200_000)


@pytest.mark.parametrize("body", [b'"' + b'\\"' * 500_000, b'{"text": "' + b"," * 900_000, b'"a' * 300_000])
async def test_strings_without_an_end_are_looked_at_once(client: httpx2.AsyncClient, body: bytes) -> None:
    got = await client.post("/api/v1/texts", content=body, headers=key("red"))

    assert (got.status_code, got.json()["error"]["code"]) == (400, "invalid_request")


async def endless() -> AsyncIterator[bytes]:
    for _ in range(MESSAGE_BYTES // 1_000_000 + 2):
        yield b" " * 1_000_000


@pytest.mark.parametrize(("token", "status", "code"), [("wrong", 401, "unauthenticated"), ("right", 413, "too_large")])
async def test_what_our_own_processes_say_asks_for_the_token_first_and_has_a_cap(
    app: FastAPI, token: str, status: int, code: str
) -> None:
    service = type("Service", (), dict.fromkeys(operations_of(COMPONENT.contract)))
    app.router.routes.extend(rpc_routes(COMPONENT, service, token="right"))
    async with serving(app) as url, http_client(url, headers=key(token)) as http:
        refused = await http.post("/rpc/files.append", content=endless())

    assert refused.status_code == status
    assert msgspec.json.decode(refused.content)["code"] == code
    asked = await Asked(app, "/rpc/files.append", key("wrong") | {"transfer-encoding": "chunked"}, b" ").ask()
    assert (asked.status, asked.read) == (401, 0)


def whole_control() -> FastAPI:
    """Return every route of every service; there are no services behind them, since nobody gets so far."""
    nobody = Mock()
    parts = [CATALOGUE[name] for name in CONTROL]
    return rest_app(
        [part.routes(nobody) for part in parts if part.routes],
        public=[part.public_routes(nobody) for part in parts if part.public_routes],
        inference=[part.inference_routes(nobody) for part in parts if part.inference_routes],
        authenticate=known,
    )


def changing(app: FastAPI) -> set[tuple[str, str, bool]]:
    """Return method and path of every route that may take a body, and whether it asks for no key."""
    found: set[tuple[str, str, bool]] = set()
    for route in iter_route_contexts(app.routes):
        path = re.sub(r"{[^}]*}", "x", route.path or "")
        found |= {(method, path, PUBLIC in route.tags) for method in set(route.methods or ()) - {"GET", "HEAD"}}
    return found


async def test_no_route_of_the_control_process_reads_what_a_stranger_sends() -> None:
    app = whole_control()
    routes = changing(app)
    assert len(routes) > 50

    for method, path, public in routes:
        for framing in ({"content-length": "160000000"}, {"transfer-encoding": "chunked"}):
            asked = await Asked(app, path, framing, b"x" * 4096, method=method).ask()
            if not public:
                assert (asked.status, asked.read) == (401, 0), (method, path)
            assert asked.read <= PUBLIC_BYTES + 4096, (method, path)
