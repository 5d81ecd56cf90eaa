"""What the REST API tells the audit trail, what it keeps from it, and how browsers prove who they are."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Annotated, Any

import httpx2
import msgspec
import pytest
import structlog
from fastapi import APIRouter, Body, Request, Response

from tulou.chassis.cascade import RemovedResource
from tulou.chassis.context_header import written
from tulou.chassis.rest import AuditReceivers, rest_app
from tulou.chassis.rest.callers import COOKIE
from tulou.chassis.rest.declared import anybody, known, permits
from tulou.chassis.rest.notes import note_made, note_session, take_along
from tulou.contracts.configuration.messages import Note
from tulou.contracts.governance.messages import AuditEntry, Decide, Decision, RecordAudit
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.http.server.server import serving
from tulou.kernel.context import CONTEXT, SessionActor
from tulou.kernel.errors import LimitedError, UnauthenticatedError, UnavailableError
from tulou.kernel.message import Done
from tulou.testing.clock import ManualClock
from tulou.testing.http import http_client

Anything = dict[str, Any]


def things() -> APIRouter:
    """Return routes that do, refuse and break."""
    routes = APIRouter(prefix="/api/v1")

    @routes.post("/keys", status_code=201, openapi_extra=permits("keys:write", "key", tenant="body"))
    async def create_key(request: Request, body: Anything) -> Anything:
        note_made(request, body.get("key", {}).get("id", ""))
        return {"secret": "sk-tulou-said-once", **body}

    @routes.put("/me/password", openapi_extra=known("me", "password"))
    async def change_password(body: Anything) -> Done:
        del body
        return Done()

    @routes.put("/limits/{name}", openapi_extra=permits("limits:write", "limit", "{name}", tenant="body"))
    async def put_limit(name: str) -> None:
        raise LimitedError(f"no room for {name}")

    @routes.delete("/prices", openapi_extra=permits("prices:write", "price"))
    async def delete_price(model: str, request: Request) -> Done:
        del model
        take_along(
            request, [RemovedResource(noun="prices", name="older", way="delete", detail={"with": "prices/gpt-x"})]
        )
        return Done()

    @routes.post("/models/import", openapi_extra=permits("models:write", "model", "import"))
    async def import_model(request: Request, body: Anything) -> Anything:
        note_made(request, f"job_{len(body)}")
        return {"job": f"job_{len(body)}"}

    @routes.delete("/keys/{key}", openapi_extra=permits("keys:write", "key", "{key}"))
    async def break_down(key: str) -> None:
        raise ZeroDivisionError(key)

    @routes.get("/keys", openapi_extra=permits("keys:read", "key", tenant="query"))
    async def list_keys() -> dict[str, Any]:
        return msgspec.json.decode(written(CONTEXT.get()))

    _ = (delete_price, import_model)
    _ = (create_key, change_password, put_limit, break_down, list_keys)
    return routes


def doors() -> APIRouter:
    """Return routes to sign in and out."""
    routes = APIRouter(prefix="/api/v1")

    @routes.post("/sign-in", openapi_extra=anybody("sign-in"))
    async def sign_in(request: Request, response: Response, password: Annotated[str, Body(embed=True)]) -> Done:
        if password == "often":
            raise LimitedError("too many attempts", retry_after_s=60)
        if password == "wrong":
            raise UnauthenticatedError("these do not belong together")
        if password != "half":
            response.set_cookie(COOKIE, "ses-ana")
            note_session(request, "ses-ana")
        return Done()

    @routes.post("/sign-out", openapi_extra=anybody("sign-out"))
    async def sign_out(response: Response) -> Done:
        response.delete_cookie(COOKIE)
        CONTEXT.set(replace(CONTEXT.get(), actor=SessionActor(tenant="north", principal="ana", id="ses_1")))
        return Done()

    @routes.get("/sign-in/callback", openapi_extra=anybody("sign-in", "callback"))
    async def come_back(request: Request, response: Response, state: str = "") -> Done:
        if state:
            response.set_cookie(COOKIE, "ses-ana")
            note_session(request, "ses-ana")
        return Done()

    _ = (sign_in, sign_out, come_back)
    return routes


def beside() -> APIRouter:
    """Return a route beside inference."""
    routes = APIRouter(prefix="/v1")

    @routes.post("/files", openapi_extra=permits("files:use", "file"))
    async def upload(body: Anything) -> Anything:
        return body

    _ = upload
    return routes


class Listener:
    """A trail and a configuration that remember what they are told, and are away when asked to be."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.notes: list[Note] = []
        self.away = False

    async def record(self, request: RecordAudit) -> Done:
        if self.away:
            raise UnavailableError("the trail is away")
        self.entries += request.entries
        return Done()

    async def note(self, request: Note) -> Done:
        if self.away:
            raise UnavailableError("the configuration is away")
        self.notes.append(request)
        return Done()

    @property
    def last(self) -> AuditEntry:
        return self.entries[-1]


async def identified(request: Authenticate) -> Identified:
    """Know a key `boss`, a session `ses-ana` and a key `guest` that may nothing."""
    if request.secret == "ses-ana":
        return Identified(key="", session="ses_1", tenant="north", principal="ana", scopes=(), roles=("admin",))
    if request.secret in ("boss", "guest"):
        roles = (request.secret,)
        return Identified(key="key_1", tenant="north", principal=request.secret, scopes=("admin",), roles=roles)
    raise UnauthenticatedError("nobody")


async def decide(request: Decide) -> Decision:
    allowed = "guest" not in request.subject.roles
    return Decision(allowed=allowed, why="guests may nothing", house="boss" in request.subject.roles)


@pytest.fixture
def told() -> Listener:
    return Listener()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def client(told: Listener, clock: ManualClock) -> AsyncGenerator[httpx2.AsyncClient]:
    trail = AuditReceivers(record=told.record, note=told.note, clock=clock)
    app = rest_app(
        [things()], public=[doors()], inference=[beside()], authenticate=identified, decide=decide, trail=trail
    )
    async with (
        serving(app) as url,
        http_client(f"{url}/api/v1", headers={"x-api-key": "boss"}) as http,
    ):
        yield http


async def test_a_change_is_recorded_with_who_what_and_why(client: httpx2.AsyncClient, told: Listener) -> None:
    headers = {"x-tulou-reason": "ticket 7", "x-request-id": "mine"}
    assert (await client.post("/keys", json={"name": "app"}, headers=headers)).status_code == 201
    (entry,) = told.entries
    assert (entry.tenant, entry.principal, entry.key) == ("north", "boss", "key_1")
    assert (entry.action, entry.resource, entry.outcome, entry.code) == ("keys:write", "keys", "done", "")
    assert (entry.reason, entry.request_id) == ("ticket 7", "mine")
    assert json.loads(entry.detail) == {"method": "POST", "operation": "create_key", "sent": {"name": "app"}}


async def test_a_change_is_recorded_before_its_answer_is_there(client: httpx2.AsyncClient, told: Listener) -> None:
    async with client.stream("POST", "/keys", json={"name": "app"}) as reply:
        assert reply.status_code == 201
        assert len(told.entries) == 1


async def test_reading_is_not_recorded(client: httpx2.AsyncClient, told: Listener) -> None:
    assert (await client.get("/keys")).status_code == 200
    assert told.entries == []


async def test_secrets_are_never_recorded(client: httpx2.AsyncClient, told: Listener) -> None:
    body = {
        "password": "hunter2-a",
        "new_password": "hunter2-b",
        "nested": {"client_secret": "hunter2-c", "code": "hunter2-d", "list": [{"api_key": "hunter2-e"}]},
        "note": "Bearer hunter2-f and sk-hunter2-g",
        "max_tokens": 7,
    }
    await client.post("/keys", json=body, headers={"x-tulou-reason": "use sk-hunter2-h"})
    await client.put("/me/password", json={"old": "hunter2-i", "password": "hunter2-j"})
    assert "hunter2" not in "".join(entry.detail + entry.reason for entry in told.entries)
    assert json.loads(told.entries[0].detail)["sent"]["max_tokens"] == 7
    assert json.loads(told.entries[1].detail)["fields"] == ["old", "password"]


async def test_a_large_body_leaves_the_names_of_its_fields(client: httpx2.AsyncClient, told: Listener) -> None:
    await client.post("/keys", json={"name": "app", "items": [{"words": "x" * 150}] * 40, "long": "y" * 5000})
    assert json.loads(told.last.detail)["fields"] == ["name", "items", "long"]
    await client.post("/keys", json={"long": "y" * 5000})
    assert json.loads(told.last.detail)["sent"]["long"].endswith("... (5000 characters)")
    assert len(told.last.detail) < 4096


async def test_failures_are_recorded_with_their_codes(client: httpx2.AsyncClient, told: Listener) -> None:
    await client.put("/limits/a", json={})
    assert (told.last.outcome, told.last.code) == ("failed", "limited")
    assert json.loads(told.last.detail)["why"] == "no room for a"
    await client.post("/keys", content=b"{", headers={"content-type": "application/json"})
    assert (told.last.outcome, told.last.code) == ("failed", "invalid_request")
    reply = await client.delete("/keys/k")
    assert (reply.status_code, told.last.outcome, told.last.code) == (500, "failed", "internal")
    await client.patch("/keys", json={})
    assert (told.last.outcome, told.last.resource) == ("failed", "keys")


async def test_whoever_is_turned_away_is_recorded(client: httpx2.AsyncClient, told: Listener) -> None:
    refused = await client.get("/keys", headers={"x-api-key": "guest"})
    assert refused.json()["error"]["message"].startswith("GET /api/v1/keys needs the permission keys:read: guests may")
    assert (told.last.principal, told.last.action, told.last.outcome) == ("guest", "keys:read", "denied")
    await client.get("/keys", headers={"x-api-key": "made-up"})
    assert (told.last.principal, told.last.outcome, told.last.code) == ("", "denied", "unauthenticated")
    count = len(told.entries)
    assert (await client.get("/keys", headers={"x-api-key": ""})).status_code == 401
    assert len(told.entries) == count, "who brings nothing is not turned away, but asked to come with something"


async def test_beside_inference_only_who_is_turned_away_is_recorded_and_nothing_of_what_they_sent(
    client: httpx2.AsyncClient, told: Listener
) -> None:
    files = client.base_url.join("/v1/files")
    reply = await client.post(files, json={"line": "private"}, headers={"x-api-key": "guest"})
    assert reply.status_code == 403
    entry = told.last
    assert (entry.principal, entry.action, entry.resource, entry.outcome) == ("guest", "files:use", "files", "denied")
    assert "private" not in entry.detail
    told.entries.clear()
    assert not (
        await client.post(
            files,
            json={"line": "private"},
            headers={"x-api-key": "", "cookie": f"{COOKIE}=ses-ana", "sec-fetch-site": "same-origin"},
        )
    ).is_error
    assert not told.entries


async def test_an_entry_says_which_by_the_query_and_by_the_id_of_what_was_made(
    client: httpx2.AsyncClient, told: Listener
) -> None:
    await client.post("/keys", json={"name": "app", "key": {"id": "key_7"}})
    assert json.loads(told.last.detail)["made"] == "key_7"
    await client.post("/models/import", json={"path": "/x"})
    assert json.loads(told.last.detail)["made"] == "job_1"
    await client.request("DELETE", "/prices", params={"model": "gpt-x", "provider": "openai*", "token": "t-secret"})
    asked, along = told.entries[-2:]
    assert json.loads(asked.detail)["query"] == {"model": "gpt-x", "provider": "openai*", "token": "***"}
    assert (along.resource, along.action, along.request_id) == ("prices/older", "prices:write", asked.request_id)
    assert json.loads(along.detail) == {"change": "delete", "with": "prices/gpt-x"}
    await client.request("DELETE", "/prices")
    assert told.last.outcome == "failed"


async def test_nothing_is_read_out_of_an_answer_that_its_route_does_not_say(
    client: httpx2.AsyncClient, told: Listener
) -> None:
    reply = await client.post("/keys", json={"id": "key_8", "error": {"code": "made_up", "message": "made up"}})
    assert reply.json()["id"] == "key_8"
    assert (told.last.outcome, told.last.code) == ("done", "")
    assert "made" not in json.loads(told.last.detail)


async def test_what_signs_somebody_in_stands_in_no_entry(client: httpx2.AsyncClient, told: Listener) -> None:
    await client.get("/sign-in/callback", params={"state": "s-1", "code": "c-1"})
    assert "c-1" not in told.last.detail
    assert "s-1" not in told.last.detail


async def test_signing_in_is_recorded_with_whose_session_it_opened(client: httpx2.AsyncClient, told: Listener) -> None:
    client.headers["x-api-key"] = ""
    for password, outcome, code, principal in (
        ("right", "done", "", "ana"),
        ("wrong", "denied", "unauthenticated", ""),
        ("often", "denied", "limited", ""),
        ("half", "denied", "not_signed_in", ""),
    ):
        client.cookies.clear()
        await client.post("/sign-in", json={"email": "ana@north.example", "password": password})
        entry = told.last
        assert (entry.action, entry.outcome, entry.code, entry.principal) == ("sign-in:write", outcome, code, principal)
        assert json.loads(entry.detail)["sent"] == {"email": "ana@north.example", "password": "***"}
    await client.get("/sign-in/callback", params={"state": "s"})
    assert (told.last.outcome, told.last.principal) == ("done", "ana")
    await client.get("/sign-in/callback")
    assert told.last.outcome == "denied"
    assert told.notes == []


async def test_signing_out_is_recorded_with_whose_session_it_ended(client: httpx2.AsyncClient, told: Listener) -> None:
    await client.post("/sign-out", headers={"x-api-key": "", "cookie": f"{COOKIE}=ses-ana"})
    assert (told.last.action, told.last.principal, told.last.key) == ("sign-out:write", "ana", "ses_1")


async def test_configuration_is_told_of_changes_that_were_made(client: httpx2.AsyncClient, told: Listener) -> None:
    await client.post("/keys", json={"name": "app"})
    await client.post("/keys", json={"name": "app"}, headers={"x-tulou-reason": "ticket 7"})
    await client.put("/limits/a", json={})
    await client.put("/me/password", json={})
    assert told.notes == [
        Note(author="boss", reason="", via="api", noun="keys"),
        Note(author="boss", reason="ticket 7", via="api", noun="keys"),
    ]


async def test_configuration_is_told_by_way_of_what_a_change_was_made(
    client: httpx2.AsyncClient, told: Listener
) -> None:
    await client.post("/keys", json={"name": "app"}, headers={"user-agent": "tulou-cli/1.0"})
    cookie = {"x-api-key": "", "cookie": f"{COOKIE}=ses-ana", "sec-fetch-site": "same-origin"}
    await client.post("/keys", json={"name": "app"}, headers=cookie)
    assert [note.via for note in told.notes] == ["cli", "console"]


async def test_a_trail_that_is_away_costs_no_answer_and_the_entry_goes_to_the_log(
    client: httpx2.AsyncClient, told: Listener
) -> None:
    told.away = True
    with structlog.testing.capture_logs() as logs:
        assert (await client.post("/keys", json={"name": "app"})).status_code == 201
    kept = {entry["event"]: entry for entry in logs}
    assert kept["audit_entry_not_kept"]["entry"]["resource"] == "keys"
    assert "change_not_noted" in kept


async def test_a_session_in_a_cookie_is_who_a_key_would_be(client: httpx2.AsyncClient) -> None:
    reply = await client.get("/keys", headers={"x-api-key": "", "cookie": f"{COOKIE}=ses-ana"})
    seen = reply.json()
    assert (seen["principal"], seen["session"], seen["key"], seen["roles"]) == ("ana", "ses_1", "", ["admin"])
    assert (seen["house"], seen["project"]) == (False, "default")
    assert (await client.get("/keys")).json()["house"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "none"}, 201),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://tulou.example", "x-forwarded-host": "tulou.example"}, 403),
        ({"origin": "https://tulou.example", "x-forwarded-host": "tulou.example"}, 201),
        ({"origin": "https://tulou.example", "host": "tulou.example"}, 201),
        ({"origin": "https://evil.example", "x-forwarded-host": "tulou.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_a_browser_changes_things_only_from_our_own_pages(
    client: httpx2.AsyncClient, told: Listener, headers: dict[str, str], status: int
) -> None:
    session = {"x-api-key": "", "cookie": f"{COOKIE}=ses-ana", **headers}
    reply = await client.post("/keys", json={"name": "app"}, headers=session)
    assert reply.status_code == status
    assert told.last.outcome == ("done" if status == 201 else "denied")
    if status == 403:
        assert "asked for by another site" in reply.json()["error"]["message"]
    assert (await client.get("/keys", headers=session)).status_code == 200


async def test_wrong_keys_are_recorded_by_number_and_put_off_while_a_right_one_is_let_in(
    client: httpx2.AsyncClient, told: Listener, clock: ManualClock
) -> None:
    replies = [await client.get("/keys", headers={"x-api-key": f"wrong-{number}"}) for number in range(25)]
    assert [reply.status_code for reply in replies] == [401] * 20 + [429] * 5
    assert int(replies[-1].headers["retry-after"]) > 0
    assert (await client.post("/keys", json={}, headers={"x-api-key": "wrong"})).status_code == 429
    assert [entry.code for entry in told.entries] == ["unauthenticated"]
    assert (await client.get("/keys", headers={"x-api-key": "boss"})).status_code == 200
    clock.advance(60)
    assert (await client.get("/keys", headers={"x-api-key": "wrong"})).status_code == 401
    _, rest, again = told.entries
    assert (rest.action, rest.outcome, rest.principal) == ("keys:use", "denied", "")
    assert {name: json.loads(rest.detail)[name] for name in ("address", "count")} == {
        "address": "127.0.0.1",
        "count": 25,
    }
    assert again.action == "keys:read"


async def test_what_a_caller_is_denied_again_and_again_is_recorded_by_number(
    client: httpx2.AsyncClient, told: Listener, clock: ManualClock
) -> None:
    for _ in range(9):
        assert (await client.get("/keys", headers={"x-api-key": "guest"})).status_code == 403
    clock.advance(60)
    await client.get("/keys", headers={"x-api-key": "boss"})
    first, rest = told.entries
    for entry in (first, rest):
        assert (entry.tenant, entry.principal, entry.action) == ("north", "guest", "keys:read")
        assert (entry.outcome, entry.code) == ("denied", "forbidden")
    assert json.loads(rest.detail)["count"] == 8


async def test_tries_to_sign_in_that_nobody_looks_at_are_recorded_by_number(
    client: httpx2.AsyncClient, told: Listener, clock: ManualClock
) -> None:
    client.headers["x-api-key"] = ""
    for _ in range(7):
        assert (await client.post("/sign-in", json={"password": "often"})).status_code == 429
    clock.advance(60)
    await client.post("/sign-in", json={"password": "wrong"})
    first, rest, wrong = told.entries
    assert [entry.action for entry in (first, rest, wrong)] == ["sign-in:write"] * 3
    assert (rest.code, json.loads(rest.detail)["count"]) == ("limited", 6)


async def test_names_that_are_guessed_at_the_door_are_told_of_one_by_one_only_at_first(
    client: httpx2.AsyncClient, told: Listener
) -> None:
    client.headers["x-api-key"] = ""
    before = len(told.entries)
    for number in range(60):
        await client.post("/sign-in", json={"email": f"n{number}@north.example", "password": "wrong"})
    assert len(told.entries) - before == 20
