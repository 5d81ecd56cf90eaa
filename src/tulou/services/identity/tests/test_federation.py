"""Signing in at an OpenID provider: what is asked, what is believed, and whom it makes of somebody."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from msgspec.structs import replace as altered
from prometheus_client import CollectorRegistry

from tulou.contracts.identity.messages import (
    Authenticate,
    BeginFederated,
    Federated,
    FinishedFederated,
    FinishFederated,
    ListIdentityProviders,
    ListPrincipals,
    ListSessions,
    NamePrincipal,
    NameSession,
    PutPrincipal,
    RoleBinding,
    Tenant,
)
from tulou.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TulouError,
    UnauthenticatedError,
    UnavailableError,
)
from tulou.ports.database import Transaction
from tulou.services.identity.service import IdentityService, SignInCounters, SignInNeeds, UseCaseContext
from tulou.services.identity.service.providers import ProviderCache
from tulou.services.identity.settings import OpenIdProvider
from tulou.services.identity.tests.conftest import CHEAP
from tulou.services.identity.tests.fakes import RoleBook
from tulou.services.identity.tests.provider import CLIENT, ISSUER, SmallProvider, new_key
from tulou.testing.house import SmallHouse

BACK = "https://tulou.example/api/v1/sign-in/callback"
PLAIN = OpenIdProvider(name="sso", title="Our SSO", issuer=ISSUER, client_id=CLIENT, client_secret="env://SECRET")
ALLOWED = altered(PLAIN, allowed_domains=("Example.org",))
GROUPS = altered(PLAIN, groups_claim="groups", group_roles={"ml": "developer", "ops": "admin"})
BEGIN = BeginFederated(provider="sso", redirect_uri=BACK, return_to="/models")
ANA = {"email": "Ana@example.org", "email_verified": True, "name": "Ana"}


class Wallet:
    """One credential."""

    async def reveal(self, reference: str) -> str:
        assert reference == "env://SECRET"
        return "hush"


@pytest.fixture
def provider(house: SmallHouse) -> SmallProvider:
    return SmallProvider(clock=house.clock)


def service_at(
    house: SmallHouse,
    web: SmallProvider,
    settings: OpenIdProvider = PLAIN,
    *,
    public_url: str = "",
    registry: CollectorRegistry | None = None,
) -> IdentityService:
    room = UseCaseContext(
        database=house.database,
        outbox=house.outbox,
        clock=house.clock,
        settings=replace(CHEAP, providers=(settings,), public_url=public_url),
        governance=RoleBook(),
    )
    outside = SignInNeeds(
        cache=house.cache,
        vault=house.vault,
        web=web,
        credentials=Wallet(),
        house="test",
        counters=SignInCounters(registry or CollectorRegistry()),
    )
    return IdentityService(room, outside)


@pytest.fixture
def identity(house: SmallHouse, provider: SmallProvider) -> IdentityService:
    return service_at(house, provider)


async def come_back(identity: IdentityService, provider: SmallProvider) -> FinishedFederated:
    """Go to the provider and back."""
    begun = await identity.begin_federated(BEGIN)
    return await identity.finish_federated(FinishFederated(state=begun.state, code=provider.visit(begun.location)))


def asked(begun: Federated) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(begun.location).query).items()}


async def test_a_browser_is_sent_with_pkce_state_and_nonce(identity: IdentityService) -> None:
    begun, again = await identity.begin_federated(BEGIN), await identity.begin_federated(BEGIN)
    query = asked(begun)
    assert begun.location.startswith(f"{ISSUER}/auth?")
    assert (query["response_type"], query["client_id"], query["redirect_uri"]) == ("code", CLIENT, BACK)
    assert (query["scope"], query["state"], query["code_challenge_method"]) == (
        "openid profile email",
        begun.state,
        "S256",
    )
    fresh = ("state", "nonce", "code_challenge")
    assert all(len(query[name]) == 43 and query[name] != asked(again)[name] for name in fresh)


async def test_the_settings_know_better_where_browsers_reach_the_house(
    house: SmallHouse, provider: SmallProvider
) -> None:
    identity = service_at(house, provider, public_url="https://models.example/")
    begun = await identity.begin_federated(replace(BEGIN, redirect_uri="http://10.0.0.1:8000/api/v1/sign-in/callback"))
    assert asked(begun)["redirect_uri"] == "https://models.example/api/v1/sign-in/callback"
    finished = await identity.finish_federated(FinishFederated(state=begun.state, code=provider.visit(begun.location)))
    assert (begun.secure, finished.signed_in.secure) == (True, True)
    assert provider.forms[0]["redirect_uri"] == "https://models.example/api/v1/sign-in/callback"


async def test_the_code_is_exchanged_with_the_verifier_and_the_clients_secret(
    identity: IdentityService, provider: SmallProvider
) -> None:
    begun = await identity.begin_federated(BEGIN)
    finished = await identity.finish_federated(
        FinishFederated(state=begun.state, code=provider.visit(begun.location), issuer=ISSUER, address="192.0.2.1")
    )
    form = provider.forms[0]
    challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert asked(begun)["code_challenge"] == challenge
    assert (form["grant_type"], form["redirect_uri"]) == ("authorization_code", BACK)
    assert provider.basic == (CLIENT, "hush")
    assert "client_secret" not in form
    assert finished.return_to == "/models"
    who = await identity.authenticate(Authenticate(secret=finished.signed_in.secret))
    session = (await identity.sessions(ListSessions(tenant=who.tenant, principal=who.principal))).items[0]
    assert (session.by, session.address, who.roles) == ("oidc", "192.0.2.1", ("viewer",))


async def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    identity: IdentityService, provider: SmallProvider
) -> None:
    provider.discovery["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    await come_back(identity, provider)
    assert provider.basic is None
    assert (provider.forms[0]["client_id"], provider.forms[0]["client_secret"]) == (CLIENT, "hush")


async def test_a_state_opens_once_and_only_if_it_was_given_out(
    identity: IdentityService, provider: SmallProvider, house: SmallHouse
) -> None:
    begun = await identity.begin_federated(BEGIN)
    code = provider.visit(begun.location)
    for wrong in ("", "x", begun.state + "x"):
        with pytest.raises(UnauthenticatedError, match="not begun here"):
            await identity.finish_federated(FinishFederated(state=wrong, code=code))
    await identity.finish_federated(FinishFederated(state=begun.state, code=code))
    with pytest.raises(UnauthenticatedError, match="not begun here"):
        await identity.finish_federated(FinishFederated(state=begun.state, code=code))
    late = await identity.begin_federated(BEGIN)
    house.clock.advance(601)
    with pytest.raises(UnauthenticatedError, match="took too long"):
        await identity.finish_federated(FinishFederated(state=late.state, code=provider.visit(late.location)))


async def test_what_the_provider_refuses_is_refused(identity: IdentityService, provider: SmallProvider) -> None:
    for request, why in (
        ({"error": "access_denied"}, r"did not let you in \(access_denied\)"),
        ({"error": "<script>"}, "something that is no error code"),
        ({}, "sent no code"),
        ({"code": "made-up"}, "refused the code"),
        ({"code": "x", "issuer": "https://evil.example"}, "another provider answered"),
    ):
        begun = await identity.begin_federated(BEGIN)
        with pytest.raises(UnauthenticatedError, match=why):
            await identity.finish_federated(FinishFederated(state=begun.state, **request))
    assert provider.nonces == {}


@pytest.mark.parametrize(
    "say",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["another"]},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 9e9},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 256},
    ],
)
async def test_an_id_token_that_says_something_else_is_refused(
    identity: IdentityService, provider: SmallProvider, say: dict[str, Any]
) -> None:
    provider.say = say
    with pytest.raises(UnauthenticatedError, match="ID token"):
        await come_back(identity, provider)
    assert (await identity.principals(ListPrincipals())).items == ()


async def test_a_token_that_the_provider_did_not_sign_is_refused(
    identity: IdentityService, provider: SmallProvider
) -> None:
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "s-1", "exp": 9e9, "iat": 1, "nonce": ""}
    public = provider.key.as_pem(private=False)
    forger = new_key("first")

    def forge(nonce: str) -> list[str]:
        told = claims | {"nonce": nonce}
        none = ".".join((*(_part(part) for part in ({"alg": "none"}, told)), ""))
        with_public_key = _by_hand({"alg": "HS256", "kid": "first"}, told, public)
        other = jwt.encode({"alg": "RS256", "kid": "first"}, told, forger)
        honest = provider.signed(nonce)
        return [none, with_public_key, other, honest[:-4] + "AAAA", "no token", "a.b.c", ""]

    for number in range(7):
        begun = await identity.begin_federated(BEGIN)
        provider.token = forge(asked(begun)["nonce"])[number] or "."
        with pytest.raises(UnauthenticatedError, match="does not hold"):
            await identity.finish_federated(FinishFederated(state=begun.state, code=provider.visit(begun.location)))


def _by_hand(header: dict[str, Any], told: dict[str, Any], key: bytes) -> str:
    """Sign with the public key as if it were a shared secret, which honest libraries refuse to."""
    signed = f"{_part(header)}.{_part(told)}"
    result = hmac.new(key, signed.encode(), "sha256").digest()
    return f"{signed}.{urlsafe_b64encode(result).rstrip(b'=').decode()}"


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_what_the_id_token_leaves_out_is_asked_for_and_is_about_the_same_person(
    house: SmallHouse, provider: SmallProvider
) -> None:
    identity = service_at(house, provider, ALLOWED)
    provider.discovery["userinfo_endpoint"] = f"{ISSUER}/me"
    provider.info = ANA | {"sub": "s-1"}
    who = await identity.authenticate(Authenticate(secret=(await come_back(identity, provider)).signed_in.secret))
    assert who.principal == "ana@example.org"
    provider.info = ANA | {"sub": "s-2"}
    with pytest.raises(UnauthenticatedError, match="somebody else"):
        await come_back(identity, provider)
    provider.say = {"email": "eve@evil.example", "email_verified": True}
    with pytest.raises(ForbiddenError, match="verified e-mail"):
        await come_back(identity, provider)


async def test_new_keys_are_learnt_when_a_token_names_them_and_not_too_often(
    identity: IdentityService, provider: SmallProvider, house: SmallHouse
) -> None:
    await come_back(identity, provider)
    provider.key = ECKey.generate_key("P-256", {"kid": "second", "use": "sig"})
    with pytest.raises(UnauthenticatedError, match="does not hold"):
        await come_back(identity, provider)
    assert provider.asked.count(f"{ISSUER}/jwks") == 1
    house.clock.advance(61)
    await come_back(identity, provider)
    await come_back(identity, provider)
    assert provider.asked.count(f"{ISSUER}/jwks") == 2
    house.clock.advance(3601)
    await come_back(identity, provider)
    assert provider.asked.count(f"{ISSUER}/jwks") == 3
    assert provider.asked.count(f"{ISSUER}/.well-known/openid-configuration") == 2


@pytest.mark.parametrize(
    ("discovery", "why"),
    [
        ({"issuer": "https://evil.example"}, "calls itself"),
        ({"token_endpoint": "https://[login.example/token"}, "is no address"),
        ({"token_endpoint": "http://user:pw@login.example/token"}, "'http://login.example/token' is not https"),
        ({"token_endpoint": "http://login.example/token"}, "is not https"),
        ({"jwks_uri": None}, "is not https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "is not https"),
    ],
)
async def test_a_provider_that_cannot_be_trusted_is_not_gone_to(
    identity: IdentityService, provider: SmallProvider, discovery: dict[str, Any], why: str
) -> None:
    provider.discovery = discovery
    with pytest.raises(InvalidError, match=why):
        await identity.begin_federated(BEGIN)


async def test_a_provider_that_is_away_is_said_to_be(identity: IdentityService, provider: SmallProvider) -> None:
    provider.away = True
    with pytest.raises(UnavailableError):
        await identity.begin_federated(BEGIN)
    provider.away = False
    await come_back(identity, provider)


@pytest.mark.parametrize("place", ["https://evil.example", "//evil.example", "/\\evil.example", "", "models", "/a\nb"])
async def test_the_way_back_ends_in_this_house(identity: IdentityService, place: str) -> None:
    with pytest.raises(InvalidError, match="a path of this house"):
        await identity.begin_federated(replace(BEGIN, return_to=place))


async def test_providers_are_listed_and_others_are_not_found(identity: IdentityService) -> None:
    listed = await identity.identity_providers(ListIdentityProviders())
    assert [(item.name, item.title) for item in listed.items] == [("sso", "Our SSO")]
    assert listed.passwords
    with pytest.raises(NotFoundError, match="no provider 'other'"):
        await identity.begin_federated(replace(BEGIN, provider="other"))


async def test_somebody_is_known_by_issuer_and_subject_whatever_else_changes(
    identity: IdentityService, provider: SmallProvider
) -> None:
    provider.say = dict(ANA)
    first = await identity.authenticate(Authenticate(secret=(await come_back(identity, provider)).signed_in.secret))
    provider.say = {"email": "other@example.org", "email_verified": True}
    again = await identity.authenticate(Authenticate(secret=(await come_back(identity, provider)).signed_in.secret))
    assert (first.principal, again.principal) == ("ana@example.org", "ana@example.org")
    provider.say = ANA | {"sub": "s-2"}
    other = await identity.authenticate(Authenticate(secret=(await come_back(identity, provider)).signed_in.secret))
    assert other.principal.startswith("sso-")
    kept = await identity.principal(NamePrincipal(tenant="default", name="ana@example.org"))
    assert (kept.subject, kept.title, kept.email) == (f"{ISSUER} s-1", "Ana", "ana@example.org")
    assert (await identity.principal(NamePrincipal(tenant="default", name=other.principal))).email == ""


HERS = PutPrincipal(
    tenant="default",
    name="ana",
    email="ana@example.org",
    roles=(RoleBinding(role="admin"),),
    password="four words are fine",
)


async def test_an_address_ties_to_an_account_only_where_its_domain_is_trusted(
    house: SmallHouse, provider: SmallProvider
) -> None:
    provider.say = dict(ANA)
    plain, allowed = service_at(house, provider), service_at(house, provider, ALLOWED)
    await plain.put_principal(HERS)
    stranger = await plain.authenticate(Authenticate(secret=(await come_back(plain, provider)).signed_in.secret))
    assert stranger.principal != "ana"
    provider.say = ANA | {"sub": "s-ana"}
    tied = await allowed.authenticate(Authenticate(secret=(await come_back(allowed, provider)).signed_in.secret))
    assert (tied.principal, tied.roles) == ("ana", ("admin",))
    provider.say = ANA | {"sub": "s-thief"}
    with pytest.raises(ConflictError, match="another account"):
        await come_back(allowed, provider)


@pytest.mark.parametrize(
    "say",
    [
        {"email": "ana@example.org"},
        {"email": "ana@example.org", "email_verified": False},
        {"email": "ana@example.org", "email_verified": "yes"},
        {"email": "ana@example.com", "email_verified": True},
        {"email": "ana@example.org.evil.example", "email_verified": True},
        {"email": "example.org", "email_verified": True},
        {"email": "ana@evil.example@example.org", "email_verified": True},
        {"email": ["ana@example.org"], "email_verified": True},
        {},
    ],
)
async def test_somebody_of_an_unknown_domain_does_not_come_in(
    house: SmallHouse, provider: SmallProvider, say: dict[str, Any]
) -> None:
    identity = service_at(house, provider, ALLOWED)
    await identity.put_principal(HERS)
    provider.say = say
    with pytest.raises(ForbiddenError, match=r"verified e-mail address at example\.org alone"):
        await come_back(identity, provider)
    assert len((await identity.principals(ListPrincipals())).items) == 1


async def test_groups_give_and_take_roles_at_every_sign_in(house: SmallHouse, provider: SmallProvider) -> None:
    identity = service_at(house, provider, GROUPS)

    async def roles(groups: Any) -> tuple[str, ...]:
        provider.say = {"groups": groups}
        secret = (await come_back(identity, provider)).signed_in.secret
        return (await identity.authenticate(Authenticate(secret=secret))).roles

    assert await roles(["ml", "chess"]) == ("developer", "viewer")
    assert await roles(["ml", "ops"]) == ("admin", "developer", "viewer")
    assert await roles("ops") == ("admin", "viewer")
    assert await roles([]) == ("viewer",)
    assert await roles({"ops": True}) == ("viewer",)


async def test_who_is_suspended_stays_out_by_this_door_too(identity: IdentityService, provider: SmallProvider) -> None:
    provider.say = dict(ANA)
    await come_back(identity, provider)
    await identity.put_principal(PutPrincipal(tenant="default", name="ana@example.org", suspended="on leave"))
    with pytest.raises(ForbiddenError, match="on leave"):
        await come_back(identity, provider)


async def test_who_is_suspended_while_they_come_back_stays_so(
    house: SmallHouse, provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = service_at(house, provider, GROUPS)
    provider.say = {"groups": ["ml"]}
    await come_back(identity, provider)
    [ana] = (await identity.principals(ListPrincipals())).items
    begun = await identity.begin_federated(BEGIN)
    provider.say = {"groups": ["ops"]}
    back = FinishFederated(state=begun.state, code=provider.visit(begun.location))
    transaction, opened = house.database.transaction, count(1)

    @asynccontextmanager
    async def suspended_before_the_second() -> AsyncGenerator[Transaction]:
        if next(opened) == 2:
            await identity.put_principal(PutPrincipal(tenant="default", name=ana.name, suspended="left"))
        async with transaction() as tx:
            yield tx

    monkeypatch.setattr(house.database, "transaction", suspended_before_the_second)
    opening = await identity.finish_federated(back)
    await identity.sign_out(NameSession(id=opening.signed_in.session))
    [now] = (await identity.principals(ListPrincipals())).items
    assert now.suspended == "left"


async def test_a_provider_whose_tenant_is_gone_brings_nobody_in(house: SmallHouse, provider: SmallProvider) -> None:
    identity = service_at(house, provider, altered(PLAIN, tenant="nowhere"))
    with pytest.raises(TulouError, match="no tenant 'nowhere'"):
        await come_back(identity, provider)


@pytest.mark.parametrize("names", [("a", "a"), ("callback",), ("providers",), ("A",), ("a/b",), ("",)])
def test_names_of_providers_are_their_own_and_fit_a_path(
    house: SmallHouse, provider: SmallProvider, names: tuple[str, ...]
) -> None:
    settings = replace(CHEAP, providers=tuple(altered(PLAIN, name=name) for name in names))
    with pytest.raises(InvalidError, match="is no name for one"):
        ProviderCache(provider, Wallet(), clock=house.clock, settings=settings)


def test_a_slip_in_a_providers_settings_lets_nobody_in() -> None:
    given = {"name": "sso", "issuer": ISSUER, "client_id": CLIENT, "allowed_domain": ["example.org"]}
    with pytest.raises(msgspec.ValidationError, match="unknown field `allowed_domain`"):
        msgspec.convert([given], tuple[OpenIdProvider, ...])


async def test_an_address_ties_to_no_account_of_another_tenant(house: SmallHouse, provider: SmallProvider) -> None:
    provider.say = dict(ANA)
    allowed = service_at(house, provider, ALLOWED)
    await allowed.put_tenant(Tenant(name="north"))
    await allowed.put_principal(replace(HERS, tenant="north"))
    found = await allowed.authenticate(Authenticate(secret=(await come_back(allowed, provider)).signed_in.secret))
    assert (found.tenant, found.principal) == ("default", "ana@example.org")
    assert (await allowed.principal(NamePrincipal(tenant="default", name=found.principal))).email == HERS.email
    assert (await allowed.principal(NamePrincipal(tenant="north", name="ana"))).subject == ""
