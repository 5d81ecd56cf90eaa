"""Signing in at a certified OpenID provider, over HTTP, as a browser does it."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from msgspec.structs import replace as altered
from prometheus_client import CollectorRegistry

from tests.integration.visitor import Visitor
from tulou.adapters.http.openid import HttpOpenIdProviders, open_openid_providers
from tulou.chassis.rest import rest_app
from tulou.contracts.identity.messages import ListPrincipals, NamePrincipal, PutPrincipal, RoleBinding
from tulou.http.server.server import serving
from tulou.kernel.errors import UnavailableError
from tulou.ports.openid import Claims, OpenIdProviders
from tulou.services.identity.http import public_router, router
from tulou.services.identity.service import IdentityService, SignInCounters, SignInNeeds, UseCaseContext
from tulou.services.identity.settings import OpenIdProvider
from tulou.services.identity.tests.conftest import CHEAP
from tulou.services.identity.tests.fakes import RoleBook
from tulou.testing.clock import ManualClock
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.http import http_client
from tulou.testing.servers.openid import CLIENT, SECRET, OpenIdServer

ANA = "ana@example.org ml"


class Wallet:
    """The provider's secret, where the settings say it is."""

    async def reveal(self, reference: str) -> str:
        assert reference == "env://OPENID_SECRET"
        return SECRET


@dataclass
class Meddler:
    """The network between the house and the provider, in bad hands when a test says so."""

    honest: OpenIdProviders
    token: str | None = None
    seen: list[str] = field(default_factory=list[str])

    async def document(self, url: str, *, bearer: str = "", timeout_s: float) -> Claims:
        return await self.honest.document(url, bearer=bearer, timeout_s=timeout_s)

    async def exchange(
        self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None, timeout_s: float
    ) -> Claims:
        answer = await self.honest.exchange(url, form, basic=basic, timeout_s=timeout_s)
        self.seen.append(answer["id_token"])
        return {**answer, "id_token": self.token or answer["id_token"]}


@dataclass
class Stand:
    """A house that trusts the provider, and a browser in front of it."""

    house: SmallHouse
    identity: IdentityService
    meddler: Meddler
    url: str
    browser: httpx2.AsyncClient

    async def go(self, login: str = ANA, *, return_to: str = "/models") -> str:
        """Sign in at the provider; return the address to come back to."""
        start = f"{self.url}/api/v1/sign-in/sso?return_to={return_to}"
        return await Visitor(self.browser).to_callback(start, login)

    async def me(self) -> httpx2.Response:
        return await self.browser.get(f"{self.url}/api/v1/me")

    async def names(self) -> list[str]:
        return [item.name for item in (await self.identity.principals(ListPrincipals())).items]


@pytest.fixture
def settings(openid: OpenIdServer) -> OpenIdProvider:
    return OpenIdProvider(
        name="sso",
        title="Our SSO",
        issuer=openid.issuer,
        client_id=CLIENT,
        client_secret="env://OPENID_SECRET",
        scopes=("openid", "profile", "email", "groups"),
        allowed_domains=("example.org",),
        groups_claim="groups",
        group_roles={"ml": "developer"},
    )


@asynccontextmanager
async def standing(provider: OpenIdProvider) -> AsyncGenerator[Stand]:
    clock = ManualClock(time.time())
    async with open_house("tulou.services.identity.migrations", clock=clock) as house, open_openid_providers() as web:
        meddler = Meddler(web)
        room = UseCaseContext(
            database=house.database,
            outbox=house.outbox,
            clock=clock,
            settings=replace(CHEAP, providers=(provider,)),
            governance=RoleBook(),
        )
        outside = SignInNeeds(
            cache=house.cache,
            vault=house.vault,
            web=meddler,
            credentials=Wallet(),
            house="test",
            counters=SignInCounters(CollectorRegistry()),
        )
        identity = IdentityService(room, outside)
        app = rest_app([router(identity)], authenticate=identity.authenticate, public=[public_router(identity)])
        async with serving(app) as url, http_client() as browser:
            yield Stand(house=house, identity=identity, meddler=meddler, url=url, browser=browser)


@pytest.fixture
async def stand(settings: OpenIdProvider) -> AsyncGenerator[Stand]:
    async with standing(settings) as made:
        yield made


def problem(reply: httpx2.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["message"]


async def test_somebody_signs_in_and_is_known_from_then_on(stand: Stand) -> None:
    listed = await stand.browser.get(f"{stand.url}/api/v1/sign-in/providers")
    assert listed.json() == {"items": [{"name": "sso", "title": "Our SSO"}], "passwords": True}
    back = await stand.browser.get(await stand.go())
    assert (back.status_code, back.headers["location"]) == (303, "/models")
    cookie = next(value for value in back.headers.get_list("set-cookie") if value.startswith("tulou_session="))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # this house is reached without TLS
    me = (await stand.me()).json()
    assert (me["principal"], me["email"], me["roles"]) == (
        "ana@example.org",
        "ana@example.org",
        ["developer", "viewer"],
    )
    kept = await stand.identity.principal(NamePrincipal(tenant="default", name="ana@example.org"))
    assert (kept.title, kept.subject.split(" ", 1)[1], kept.has_password) == ("ana", ANA, False)
    again = await stand.browser.get(await stand.go())
    assert again.status_code == 303
    assert await stand.names() == ["ana@example.org"]


async def test_a_known_person_is_tied_by_a_verified_address_of_a_trusted_domain(stand: Stand) -> None:
    await stand.identity.put_principal(
        PutPrincipal(tenant="default", name="ana", email="ana@example.org", roles=(RoleBinding(role="admin"),))
    )
    await stand.browser.get(await stand.go())
    me = (await stand.me()).json()
    assert (me["principal"], me["roles"]) == ("ana", ["admin", "developer"])


async def test_a_state_that_was_used_or_made_up_opens_nothing(stand: Stand) -> None:
    back = await stand.go()
    state, code = (parse_qs(urlsplit(back).query)[name][0] for name in ("state", "code"))
    callback = back.partition("?")[0]
    for wrong in ("made-up", state[:-1] + ("A" if state[-1] != "A" else "B")):
        stand.browser.cookies.set("tulou_state", wrong, domain="127.0.0.1", path="/api/v1/sign-in/callback")
        reply = await stand.browser.get(callback, params={"state": wrong, "code": code})
        assert reply.status_code == 401
    stand.browser.cookies.set("tulou_state", state, domain="127.0.0.1", path="/api/v1/sign-in/callback")
    assert (await stand.browser.get(back)).status_code == 303
    stand.browser.cookies.set("tulou_state", state, domain="127.0.0.1", path="/api/v1/sign-in/callback")
    status, why = problem(await stand.browser.get(back))
    assert status == 401
    assert "not begun here, took too long, or has ended" in why


async def test_a_browser_that_did_not_begin_does_not_come_in(stand: Stand) -> None:
    back = await stand.go()
    async with http_client() as victim:
        status, why = problem(await victim.get(back))
        assert status == 401
        assert "this browser has not begun" in why
        seen = await victim.get(back, headers={"accept": "text/html"})
        assert seen.status_code == 303
        assert seen.headers["location"].startswith("/?sign_in_error=this%20browser")
    assert await stand.names() == []


async def test_a_token_of_another_sign_in_is_refused_for_its_nonce(stand: Stand) -> None:
    await stand.browser.get(await stand.go())
    stand.meddler.token = stand.meddler.seen[0]
    status, why = problem(await stand.browser.get(await stand.go()))
    assert (status, "ID token" in why) == (401, True)


async def test_a_token_that_was_tampered_with_is_refused(stand: Stand) -> None:
    await stand.browser.get(await stand.go())
    head, body, signature = stand.meddler.seen[0].split(".")
    for forged in (f"{head}.{body}.{'A' * len(signature)}", f"{head}.{body}x.{signature}", f"{head}.{body}.", "x"):
        stand.meddler.token = forged
        status, why = problem(await stand.browser.get(await stand.go()))
        assert (status, "ID token does not hold" in why) == (401, True)


async def test_a_token_that_has_expired_is_refused(stand: Stand) -> None:
    back = await stand.go()
    stand.house.clock.advance(300)
    status, why = problem(await stand.browser.get(back))
    assert (status, why) == (401, "the provider's ID token does not hold: ExpiredTokenError")


async def test_a_code_is_good_for_one_exchange_by_who_asked_for_it(stand: Stand) -> None:
    back = await stand.go()
    code = parse_qs(urlsplit(back).query)["code"][0]
    other = await stand.go()
    mixed = other.replace(parse_qs(urlsplit(other).query)["code"][0], code)
    status, why = problem(await stand.browser.get(mixed))  # its verifier belongs to another challenge
    assert (status, why) == (401, "the provider refused the code (invalid_grant); sign in again")


@pytest.mark.parametrize("login", ["eve@evil.example", "unverified:ana@example.org", "eve"])
async def test_people_of_unknown_domains_stay_outside(stand: Stand, login: str) -> None:
    status, why = problem(await stand.browser.get(await stand.go(login)))
    assert (status, "verified e-mail address at example.org alone" in why) == (403, True)
    assert await stand.names() == []
    assert (await stand.me()).status_code == 401


async def test_a_session_that_was_ended_opens_nothing_any_more(stand: Stand) -> None:
    await stand.browser.get(await stand.go())
    session = (await stand.me()).json()["session"]
    same_site = {"sec-fetch-site": "same-origin"}
    out = await stand.browser.delete(f"{stand.url}/api/v1/me/sessions/{session}", headers=same_site)
    assert out.status_code == 200
    assert problem(await stand.me()) == (401, "this session has ended; sign in again")


async def test_a_wrong_secret_is_told_without_being_said(
    settings: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(_: Wallet, reference: str) -> str:
        del reference
        return "not the secret"

    monkeypatch.setattr(Wallet, "reveal", wrong)
    async with standing(settings) as stand:
        status, why = problem(await stand.browser.get(await stand.go()))
    assert (status, why) == (401, "the provider refused the code (invalid_client); sign in again")


async def test_a_provider_that_is_away_or_no_provider_is_named(settings: OpenIdProvider, openid: OpenIdServer) -> None:
    for issuer, said in (
        ("http://127.0.0.1:9", "no answer from http://127.0.0.1:9/"),
        (f"{openid.issuer}/elsewhere", "answered 404"),
        ("http://login.example", "is not https"),
    ):
        async with standing(altered(settings, issuer=issuer)) as stand:
            status, why = problem(await stand.browser.get(f"{stand.url}/api/v1/sign-in/sso"))
        assert status in (400, 503)
        assert said in why


async def test_documents_end_where_they_would_be_too_long(openid: OpenIdServer) -> None:
    def endless(request: httpx2.Request) -> httpx2.Response:
        del request
        return httpx2.Response(200, content=b"[" * 600_000)

    def odd(request: httpx2.Request) -> httpx2.Response:
        del request
        return httpx2.Response(200, content=b"[1]")

    answers: Any
    for answers, said in ((endless, "more than"), (odd, "something else than a JSON object")):
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answers)) as http:
            with pytest.raises(UnavailableError, match=said):
                await HttpOpenIdProviders(http).document(openid.issuer, timeout_s=5)
