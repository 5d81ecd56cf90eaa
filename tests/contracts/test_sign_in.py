"""Signing in over REST: cookies that pages cannot read, routes that ask for no key, and what only a session may do."""

from collections.abc import AsyncGenerator

import httpx2
import pyotp
import pytest

from tulou.chassis.rest import rest_app
from tulou.contracts.identity.messages import CreateKey, NameKey, PutPrincipal, RoleBinding
from tulou.http.server.server import serving
from tulou.services.identity.http import public_router, router
from tulou.services.identity.service import IdentityService
from tulou.services.identity.tests.conftest import service_in
from tulou.testing.house import SmallHouse
from tulou.testing.http import http_client

ANA = {"email": "ana@example.org", "password": "four words are fine"}
OURS = {"sec-fetch-site": "same-origin"}
THEIRS = {"sec-fetch-site": "cross-site"}


@pytest.fixture
async def identity(house: SmallHouse) -> IdentityService:
    service = service_in(house)
    await service.put_principal(
        PutPrincipal(
            tenant="default",
            name="ana",
            title="Ana",
            email=ANA["email"],
            roles=(RoleBinding(role="admin"),),
            password=ANA["password"],
        )
    )
    return service


@pytest.fixture
async def browser(identity: IdentityService) -> AsyncGenerator[httpx2.AsyncClient]:
    app = rest_app([router(identity)], authenticate=identity.authenticate, public=[public_router(identity)])
    async with serving(app) as url, http_client(f"{url}/api/v1", headers=OURS) as http:
        yield http


async def sign_in(browser: httpx2.AsyncClient, **more: str) -> httpx2.Response:
    return await browser.post("/sign-in", json=ANA | more)


def cookie_of(reply: httpx2.Response) -> str:
    return next(value for value in reply.headers.get_list("set-cookie") if value.startswith("tulou_session="))


async def test_a_browser_gets_a_cookie_and_no_secret(browser: httpx2.AsyncClient) -> None:
    reply = await sign_in(browser)
    assert reply.status_code == 200
    assert reply.json()["secret"] == ""
    assert reply.json()["session"].startswith("session_")
    parts = {part.strip().lower() for part in cookie_of(reply).split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=lax"}
    assert "st-tulou-" not in reply.text
    me = (await browser.get("/me")).json()
    assert (me["principal"], me["title"], me["key"], me["session"]) == ("ana", "Ana", "", reply.json()["session"])
    assert "projects:*" in me["permissions"]


async def test_behind_tls_the_cookie_stays_there(browser: httpx2.AsyncClient) -> None:
    reply = await browser.post("/sign-in", json=ANA, headers={"x-forwarded-proto": "https"})
    assert "secure" in cookie_of(reply).lower()


async def test_a_command_line_asks_for_the_secret(browser: httpx2.AsyncClient) -> None:
    reply = await browser.post("/sign-in", params={"token": "true"}, json=ANA)
    secret = reply.json()["secret"]
    assert secret.startswith("st-tulou-")
    browser.cookies.clear()
    assert (await browser.get("/me", headers={"authorization": f"Bearer {secret}"})).json()["principal"] == "ana"


async def test_what_is_wrong_sets_no_cookie(browser: httpx2.AsyncClient) -> None:
    for body in (ANA | {"password": "wrong"}, ANA | {"email": "nobody@example.org"}):
        reply = await browser.post("/sign-in", json=body)
        assert (reply.status_code, reply.json()["error"]["message"]) == (401, "e-mail, password or code is wrong")
        assert "set-cookie" not in reply.headers
    for bad in ({}, {"email": 5, "password": "x"}, {"email": "a"}):
        assert (await browser.post("/sign-in", json=bad)).status_code == 400


async def test_too_many_tries_say_when_to_come_back(browser: httpx2.AsyncClient) -> None:
    for _ in range(6):
        assert (await sign_in(browser, password="wrong")).status_code == 401
    reply = await sign_in(browser)
    assert (reply.status_code, reply.headers["retry-after"], reply.json()["error"]["code"]) == (429, "1", "limited")


async def test_tries_are_counted_by_where_they_come_from(browser: httpx2.AsyncClient) -> None:
    for number in range(21):
        reply = await browser.post(
            "/sign-in",
            json={"email": f"p{number}@example.org", "password": "wrong"},
            headers={"x-forwarded-for": f"{number}.0.0.1, 192.0.2.7"},
        )
        assert reply.status_code == 401
    assert (await browser.post("/sign-in", json=ANA, headers={"x-forwarded-for": "192.0.2.7"})).status_code == 429
    assert (await browser.post("/sign-in", json=ANA, headers={"x-forwarded-for": "192.0.2.8"})).status_code == 200


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    secret = browser.cookies["tulou_session"]
    assert (await browser.post("/sign-out", headers=THEIRS)).status_code == 403
    out = await browser.post("/sign-out")
    assert out.status_code == 200
    assert "tulou_session" not in browser.cookies
    assert (await browser.get("/me", headers={"authorization": f"Bearer {secret}"})).status_code == 401
    assert (await browser.post("/sign-out")).status_code == 200


async def test_a_key_cannot_do_what_needs_somebody_there(
    browser: httpx2.AsyncClient, identity: IdentityService
) -> None:
    made = await identity.create_key(CreateKey(name="k", principal="ana", scopes=("admin",)))
    by_key = {"authorization": f"Bearer {made.secret}"}
    me = (await browser.get("/me", headers=by_key)).json()
    assert (me["key"], me["session"], me["scopes"]) == (made.key.id, "", ["admin"])
    for method, path, body in (
        ("POST", "/me/key", None),
        ("PUT", "/me/password", {"old": ANA["password"], "password": "five other words now"}),
        ("GET", "/me/sessions", None),
        ("DELETE", "/me/sessions", None),
        ("POST", "/me/second-factor", None),
        ("POST", "/me/second-factor/confirm", {"code": "123456"}),
        ("DELETE", "/me/second-factor", None),
    ):
        reply = await browser.request(method, path, json=body, headers=by_key)
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "forbidden"), path


async def test_a_second_factor_from_its_qr_code_to_its_end(browser: httpx2.AsyncClient, house: SmallHouse) -> None:
    await sign_in(browser)
    begun = (await browser.post("/me/second-factor")).json()
    assert begun["svg"].startswith("<svg")
    totp = pyotp.totp.TOTP(begun["secret"])
    wrong = await browser.post("/me/second-factor/confirm", json={"code": "nonsense"})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "code")
    codes = (await browser.post("/me/second-factor/confirm", json={"code": totp.at(int(house.clock.now()))})).json()
    assert len(codes["codes"]) == 10
    browser.cookies.clear()
    asked = await sign_in(browser)
    assert (asked.json()["second_factor"], asked.json()["session"]) == (True, "")
    assert "set-cookie" not in asked.headers
    house.clock.advance(30)
    assert (await sign_in(browser, code=totp.at(int(house.clock.now())))).json()["session"]
    assert (await browser.get("/me")).json()["has_second_factor"]
    assert (await browser.delete("/me/second-factor")).status_code == 200
    browser.cookies.clear()
    assert (await sign_in(browser)).json()["session"]


async def test_sessions_are_listed_and_ended_by_their_owner(browser: httpx2.AsyncClient) -> None:
    first = (await sign_in(browser)).json()["session"]
    second = (await sign_in(browser)).json()["session"]
    listed = (await browser.get("/me/sessions")).json()["items"]
    assert [item["id"] for item in listed] == [second, first]
    assert listed[0]["address"] == "127.0.0.1"
    assert (await browser.delete("/me/sessions/session_of_somebody")).status_code == 404
    assert (await browser.delete(f"/me/sessions/{first}")).status_code == 200
    await sign_in(browser)
    assert (await browser.delete("/me/sessions")).status_code == 200
    assert len((await browser.get("/me/sessions")).json()["items"]) == 1


async def test_ones_own_password_is_changed_with_the_old_one(browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    wrong = await browser.put("/me/password", json={"old": "x", "password": "five other words now"})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "old")
    changed = await browser.put("/me/password", json={"old": ANA["password"], "password": "five other words now"})
    assert changed.status_code == 200
    assert (await browser.get("/me")).status_code == 200
    assert (await sign_in(browser)).status_code == 401


async def test_a_key_for_the_playground_belongs_to_the_session(
    browser: httpx2.AsyncClient, identity: IdentityService
) -> None:
    session = (await sign_in(browser)).json()["session"]
    made = await browser.post("/me/key")
    assert made.status_code == 201
    key = made.json()["key"]
    assert (key["scopes"], key["principal"], key["session"]) == (["inference"], "ana", session)
    await browser.post("/sign-out")
    assert (await identity.key(NameKey(id=key["id"]))).revoked_at is not None


async def test_people_tenants_and_projects_over_rest(browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    assert (await browser.put("/tenants/north", json={"title": "Norden"})).json()["title"] == "Norden"
    assert (await browser.get("/tenants/north")).json()["name"] == "north"
    assert (await browser.put("/projects/north/search", json={})).status_code == 200
    listed = (await browser.get("/projects", params={"tenant": "north"})).json()["items"]
    assert [item["name"] for item in listed] == ["default", "search"]
    body = {
        "email": "ben@example.org",
        "roles": [{"role": "developer", "project": "search"}],
        "attributes": {"level": 3},
    }
    put = await browser.put("/principals/north/ben", json=body)
    assert put.status_code == 403, "an administrator of one tenant gives no roles in another"
    made = await browser.put("/principals/default/ben", json=body | {"roles": [{"role": "developer"}]})
    assert made.json()["attributes"] == {"level": 3}
    page = (await browser.get("/principals", params={"tenant": "default", "limit": 1})).json()
    assert (page["items"][0]["name"], page["next"]) == ("ana", "ana")
    assert (await browser.get("/principals/default/ben/sessions")).json() == {"items": []}
    assert (await browser.delete("/principals/default/ben/sessions")).status_code == 200
    assert (await browser.delete("/principals/default/ben/second-factor")).status_code == 200
    assert (await browser.delete("/principals/default/ben")).status_code == 200
    assert (await browser.delete("/projects/north/search")).status_code == 200
    assert (await browser.delete("/tenants/north")).status_code == 200


async def test_a_key_is_the_callers_unless_it_says_whose(browser: httpx2.AsyncClient) -> None:
    await sign_in(browser)
    own = (await browser.post("/keys", json={"name": "mine"})).json()["key"]
    assert (own["tenant"], own["principal"], own["project"]) == ("default", "ana", "default")
    other = (await browser.post("/keys", json={"name": "app", "principal": "bot"})).json()["key"]
    assert other["principal"] == "bot"
    found = (await browser.get("/keys", params={"principal": "bot"})).json()["items"]
    assert [key["id"] for key in found] == [other["id"]]


async def test_providers_are_told_to_everybody(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/sign-in/providers")).json() == {"items": [], "passwords": True}
    assert (await browser.get("/sign-in/other")).status_code == 404
    assert (await browser.get("/sign-in/callback")).status_code == 401
