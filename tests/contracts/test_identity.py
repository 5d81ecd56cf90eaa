"""What identity promises, however it is reached."""

from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager

import pyotp
import pytest

from tests.contracts.bindings import Binding, opened
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import (
    Authenticate,
    BeginFederated,
    BeginSecondFactor,
    ChangePassword,
    ConfirmSecondFactor,
    CreateKey,
    CreateSessionKey,
    EndSessions,
    FinishFederated,
    GetMe,
    ListGrants,
    ListIdentityProviders,
    ListKeys,
    ListPrincipals,
    ListProjects,
    ListSessions,
    ListTenants,
    NameKey,
    NamePrincipal,
    NameProject,
    NameSession,
    NameTenant,
    Project,
    PutPrincipal,
    RemoveSecondFactor,
    RoleBinding,
    SignIn,
    Tenant,
)
from tulou.kernel.context import CONTEXT, Context, KeyActor, SessionActor
from tulou.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    LimitedError,
    NotFoundError,
    UnauthenticatedError,
)
from tulou.ports.credentials import Credentials
from tulou.ports.openid import OpenIdProviders
from tulou.services.identity.component import COMPONENT
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.tests.conftest import CHEAP
from tulou.services.identity.tests.fakes import NoCredentials, NoWeb, RoleBook
from tulou.testing.house import SmallHouse


@pytest.fixture
async def identity(house: SmallHouse, binding: Binding) -> AsyncGenerator[Identity]:
    things = {
        IdentitySettings: CHEAP,
        Governance: RoleBook(),
        OpenIdProviders: NoWeb(),
        Credentials: NoCredentials(),
    }
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


async def test_a_key_opens_until_it_is_revoked(identity: Identity, house: SmallHouse) -> None:
    request = CreateKey(
        name="app", scopes=("inference", "admin"), models=("a", "b-*"), expires_at=house.clock.now() + 9
    )
    made = await identity.create_key(request)
    assert (made.key.models, made.key.expires_at) == (request.models, request.expires_at)
    who = await identity.authenticate(Authenticate(secret=made.secret))
    assert (who.key, who.scopes) == (made.key.id, ("inference", "admin"))
    assert [grant.key for grant in (await identity.grants(ListGrants())).items] == [made.key.id]
    revoked = await identity.revoke_key(NameKey(id=made.key.id))
    assert revoked.revoked_at == house.clock.now()
    assert revoked == await identity.key(NameKey(id=made.key.id))
    assert (await identity.keys(ListKeys())).items == ()
    with pytest.raises(UnauthenticatedError, match="is revoked"):
        await identity.authenticate(Authenticate(secret=made.secret))


async def test_errors_keep_their_class_words_and_field(identity: Identity) -> None:
    with pytest.raises(NotFoundError, match="no key 'key_x'; `tulou keys list` shows those there are"):
        await identity.key(NameKey(id="key_x"))
    with pytest.raises(InvalidError) as refused:
        await identity.create_key(CreateKey(name="", principal="p"))
    assert refused.value.param == "name"


ANA = PutPrincipal(
    tenant="north",
    name="ana",
    title="Ana",
    email="ana@example.org",
    roles=(RoleBinding(role="viewer"), RoleBinding(role="developer", project="search")),
    attributes={"team": "search", "level": 3, "contractor": True},
    password="four words are fine",
)


@pytest.fixture
async def north(identity: Identity) -> None:
    await identity.put_tenant(Tenant(name="north", title="Norden"))
    await identity.put_project(Project(tenant="north", name="search"))
    await identity.put_principal(ANA)


@contextmanager
def calling(who: Context) -> Generator[None]:
    token = CONTEXT.set(who)
    try:
        yield
    finally:
        CONTEXT.reset(token)


@pytest.mark.usefixtures("north")
async def test_tenants_projects_and_principals_are_what_they_were_made(identity: Identity) -> None:
    assert [tenant.name for tenant in (await identity.tenants(ListTenants())).items] == ["default", "north"]
    assert (await identity.tenant(NameTenant(name="north"))).title == "Norden"
    assert [item.name for item in (await identity.projects(ListProjects(tenant="north"))).items] == [
        "default",
        "search",
    ]
    assert (await identity.project(NameProject(tenant="north", name="search"))).tenant == "north"
    ana = await identity.principal(NamePrincipal(tenant="north", name="ana"))
    assert (ana.attributes, set(ana.roles), ana.has_password) == (ANA.attributes, set(ANA.roles), True)
    assert (await identity.principals(ListPrincipals(tenant="north"))).items == (ana,)
    with pytest.raises(ConflictError, match="has principals"):
        await identity.delete_tenant(NameTenant(name="north"))
    await identity.delete_principal(NamePrincipal(tenant="north", name="ana"))
    await identity.delete_project(NameProject(tenant="north", name="search"))
    await identity.delete_tenant(NameTenant(name="north"))
    with pytest.raises(NotFoundError, match="no tenant 'north'"):
        await identity.tenant(NameTenant(name="north"))


@pytest.mark.usefixtures("north")
async def test_grants_tell_roles_attributes_and_why_nothing_may_be_done(identity: Identity) -> None:
    made = await identity.create_key(CreateKey(name="app", tenant="north", principal="ana", project="search"))
    grant = (await identity.grants(ListGrants())).items[0]
    assert (grant.key, grant.project, grant.roles, grant.kind) == (
        made.key.id,
        "search",
        ("viewer", "developer"),
        "user",
    )
    assert (grant.attributes, grant.blocked) == (ANA.attributes, "")
    await identity.put_tenant(Tenant(name="north", suspended="unpaid"))
    assert (await identity.grants(ListGrants())).items[0].blocked == "tenant 'north' is suspended (unpaid)"
    with pytest.raises(ForbiddenError, match="unpaid"):
        await identity.authenticate(Authenticate(secret=made.secret))


@pytest.mark.usefixtures("north")
async def test_a_session_from_its_beginning_to_its_end(identity: Identity, house: SmallHouse) -> None:
    asked = SignIn(email="ana@example.org", password="four words are fine", address="192.0.2.7", agent="test")
    opened = await identity.sign_in(asked)
    who = await identity.authenticate(Authenticate(secret=opened.secret))
    assert (who.session, who.tenant, who.principal, who.roles) == (opened.session, "north", "ana", ("viewer",))
    with calling(Context(actor=SessionActor(tenant="north", principal="ana", id=opened.session), project=who.project)):
        me = await identity.me(GetMe())
        assert (me.email, me.permissions[:2], me.house) == ("ana@example.org", ("*:read", "-audit:*"), False)
        assert {"-logs:*", "-upstreams:*"} <= set(me.permissions), "a role that ends at a tenant does not see these"
        key = await identity.create_session_key(CreateSessionKey())
        assert key.key.session == opened.session
        begun = await identity.begin_second_factor(BeginSecondFactor(tenant="north", principal="ana"))
        code = pyotp.totp.TOTP(begun.secret).at(int(house.clock.now()))
        confirm = ConfirmSecondFactor(tenant="north", principal="ana", code=code)
        assert len((await identity.confirm_second_factor(confirm)).codes) == 10
        assert (await identity.sign_in(asked)).second_factor
        await identity.remove_second_factor(RemoveSecondFactor(tenant="north", principal="ana"))
        await identity.change_password(ChangePassword(old=asked.password, password="five other words now"))
        listed = (await identity.sessions(ListSessions(tenant="north", principal="ana"))).items
        assert [(session.id, session.address) for session in listed] == [(opened.session, "192.0.2.7")]
        await identity.sign_out(NameSession(id=opened.session))
    with pytest.raises(UnauthenticatedError, match="has ended"):
        await identity.authenticate(Authenticate(secret=opened.secret))
    await identity.end_sessions(EndSessions(tenant="north", principal="ana"))
    with pytest.raises(UnauthenticatedError, match="e-mail, password or code is wrong"):
        await identity.sign_in(asked)


@pytest.mark.usefixtures("north")
async def test_the_context_travels_so_that_tenants_stay_apart(identity: Identity) -> None:
    made = await identity.create_key(CreateKey(name="app", principal="bot"))
    with calling(Context(actor=KeyActor(tenant="north", principal="ana"), project="default")):
        assert [tenant.name for tenant in (await identity.tenants(ListTenants())).items] == ["north"]
        with pytest.raises(NotFoundError, match="no key"):
            await identity.key(NameKey(id=made.key.id))
        with pytest.raises(ForbiddenError, match="you act in tenant 'north' alone"):
            await identity.create_key(CreateKey(name="app", principal="bot"))


async def test_ways_to_sign_in_and_limits_keep_their_shape(identity: Identity) -> None:
    listed = await identity.identity_providers(ListIdentityProviders())
    assert (listed.items, listed.passwords) == ((), True)
    for _ in range(6):
        with pytest.raises(UnauthenticatedError):
            await identity.sign_in(SignIn(email="nobody@example.org", password="x"))
    with pytest.raises(LimitedError, match="too many tries") as refused:
        await identity.sign_in(SignIn(email="nobody@example.org", password="x"))
    assert refused.value.retry_after_s == 1.0
    with pytest.raises(NotFoundError, match="no provider 'sso'"):
        await identity.begin_federated(BeginFederated(provider="sso", redirect_uri="http://here"))
    with pytest.raises(UnauthenticatedError, match="not begun here"):
        await identity.finish_federated(FinishFederated(state="x", code="y"))
