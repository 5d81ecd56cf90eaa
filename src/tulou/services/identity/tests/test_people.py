"""Principals: made with a key or by name, with roles at the tenant and at projects, suspended and removed."""

import pytest

from tulou.contracts.identity.events import KEY_REVOKED, PRINCIPAL_CHANGED
from tulou.contracts.identity.messages import (
    Authenticate,
    CreateKey,
    ListGrants,
    ListPrincipals,
    NamePrincipal,
    Project,
    PutPrincipal,
    RoleBinding,
    Tenant,
)
from tulou.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    LimitedError,
    NotFoundError,
    UnauthenticatedError,
)
from tulou.services.identity.service import IdentityService
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.tests.conftest import acting, service_in
from tulou.testing.house import SmallHouse

ANA = PutPrincipal(
    tenant="default",
    name="ana",
    title="Ana",
    email="Ana@Example.org",
    roles=(RoleBinding(role="viewer"), RoleBinding(role="developer", project="search")),
    attributes={"team": "search", "level": 3, "contractor": False},
)


@pytest.fixture
async def search(identity: IdentityService) -> None:
    await identity.put_project(Project(tenant="default", name="search"))


@pytest.mark.usefixtures("search")
async def test_a_principal_is_as_it_was_said(identity: IdentityService, house: SmallHouse) -> None:
    made = await identity.put_principal(ANA)
    assert (made.email, made.title, made.kind) == ("ana@example.org", "Ana", "user")
    assert set(made.roles) == set(ANA.roles)
    assert made.attributes == ANA.attributes
    assert (made.created_at, made.has_password, made.has_second_factor) == (house.clock.now(), False, False)
    assert await identity.principal(NamePrincipal(tenant="default", name="ana")) == made
    assert (await identity.principals(ListPrincipals())).items == (made,)


@pytest.mark.usefixtures("search")
async def test_a_key_has_the_roles_of_its_owner_at_the_tenant_and_at_its_project(identity: IdentityService) -> None:
    await identity.put_principal(ANA)
    here = await identity.create_key(CreateKey(name="here", principal="ana", project="search"))
    away = await identity.create_key(CreateKey(name="away", principal="ana"))
    who = await identity.authenticate(Authenticate(secret=here.secret))
    assert (who.roles, who.project, who.kind) == (("viewer", "developer"), "search", "user")
    assert who.attributes == ANA.attributes
    assert (await identity.authenticate(Authenticate(secret=away.secret))).roles == ("viewer",)
    grants = {grant.key: grant for grant in (await identity.grants(ListGrants())).items}
    assert (grants[here.key.id].roles, grants[here.key.id].project) == (("viewer", "developer"), "search")
    assert (grants[away.key.id].roles, grants[away.key.id].attributes) == (("viewer",), ANA.attributes)


@pytest.mark.parametrize(
    ("scopes", "role"), [(("inference",), "developer"), (("admin", "inference"), "operator"), (("admin",), "operator")]
)
async def test_a_key_of_somebody_unknown_makes_a_service_known(
    identity: IdentityService, house: SmallHouse, scopes: tuple[str, ...], role: str
) -> None:
    async with house.events.subscribe([PRINCIPAL_CHANGED], group="t") as deliveries, house.relaying():
        await identity.create_key(CreateKey(name="app", principal="bot", scopes=scopes))  # pyright: ignore[reportArgumentType] - the parameter's values are scopes
        assert (await anext(deliveries)).fact.body == '{"tenant":"default","name":"bot"}'
    bot = await identity.principal(NamePrincipal(tenant="default", name="bot"))
    assert (bot.kind, bot.roles) == ("service", (RoleBinding(role=role),))


async def test_a_suspended_principal_keeps_its_keys_and_they_open_nothing(identity: IdentityService) -> None:
    made = await identity.create_key(CreateKey(name="app", principal="bot"))
    await identity.put_principal(PutPrincipal(tenant="default", name="bot", kind="service", suspended="leaked"))
    with pytest.raises(ForbiddenError, match=r"'bot' of tenant 'default' is suspended \(leaked\)"):
        await identity.authenticate(Authenticate(secret=made.secret))
    assert "suspended (leaked)" in (await identity.grants(ListGrants())).items[0].blocked


async def test_who_is_removed_takes_their_keys_along(identity: IdentityService, house: SmallHouse) -> None:
    made = await identity.create_key(CreateKey(name="app", principal="bot"))
    async with house.events.subscribe([KEY_REVOKED], group="t") as deliveries, house.relaying():
        await identity.delete_principal(NamePrincipal(tenant="default", name="bot"))
        assert (await anext(deliveries)).fact.body == f'{{"key":"{made.key.id}"}}'
    with pytest.raises(UnauthenticatedError, match="is revoked"):
        await identity.authenticate(Authenticate(secret=made.secret))
    with pytest.raises(NotFoundError, match="no principal 'bot'"):
        await identity.principal(NamePrincipal(tenant="default", name="bot"))


async def test_an_address_belongs_to_one_principal_of_each_tenant(identity: IdentityService) -> None:
    await identity.put_tenant(Tenant(name="north"))
    await identity.put_principal(PutPrincipal(tenant="north", name="ana", email="ana@example.org"))
    await identity.put_principal(PutPrincipal(tenant="default", name="ana", email="ANA@example.org"))
    await identity.put_principal(PutPrincipal(tenant="default", name="eva"))
    with pytest.raises(ConflictError, match=r"ana@example\.org belongs to another principal of this tenant"):
        await identity.put_principal(PutPrincipal(tenant="default", name="eva", email="ANA@example.org"))
    with pytest.raises(ConflictError, match=r"ana@example\.org belongs to another principal of this tenant"):
        await identity.put_principal(PutPrincipal(tenant="north", name="new", email="ana@example.org"))
    await identity.put_principal(PutPrincipal(tenant="default", name="a"))
    await identity.put_principal(PutPrincipal(tenant="default", name="b"))


async def test_nobody_removes_or_suspends_themselves(identity: IdentityService) -> None:
    await identity.put_principal(PutPrincipal(tenant="default", name="ana", roles=(RoleBinding(role="admin"),)))
    with acting("default", "ana"):
        with pytest.raises(ConflictError, match="remove yourself"):
            await identity.delete_principal(NamePrincipal(tenant="default", name="ana"))
        mine = PutPrincipal(tenant="default", name="ana", roles=(RoleBinding(role="admin"),), suspended="tired")
        with pytest.raises(ConflictError, match="suspend yourself"):
            await identity.put_principal(mine)


async def test_pages_go_by_name_and_over_tenants(identity: IdentityService) -> None:
    await identity.put_tenant(Tenant(name="north"))
    for tenant in ("default", "north"):
        for name in ("a", "b", "c"):
            await identity.put_principal(PutPrincipal(tenant=tenant, name=name))
    first = await identity.principals(ListPrincipals(limit=4))
    rest = await identity.principals(ListPrincipals(limit=4, after=first.next or ""))
    assert [f"{item.tenant}/{item.name}" for item in (*first.items, *rest.items)] == [
        f"{tenant}/{name}" for tenant in ("default", "north") for name in ("a", "b", "c")
    ]
    assert rest.next is None
    within = await identity.principals(ListPrincipals(tenant="north", limit=2))
    assert (within.next, [item.name for item in within.items]) == ("b", ["a", "b"])


async def test_there_is_a_most_number_of_principals(house: SmallHouse) -> None:
    identity = service_in(house, IdentitySettings(max_principals=1))
    await identity.put_principal(PutPrincipal(tenant="default", name="ana"))
    with pytest.raises(LimitedError, match="max_principals"):
        await identity.put_principal(PutPrincipal(tenant="default", name="ben"))
    with pytest.raises(LimitedError, match="max_principals"):
        await identity.create_key(CreateKey(name="app", principal="ben"))


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        (PutPrincipal(tenant="default", name="a b"), "name"),
        (PutPrincipal(tenant="default", name="a", title="\n"), "title"),
        (PutPrincipal(tenant="default", name="a", email="nobody"), "email"),
        (PutPrincipal(tenant="default", name="a", email="a b@example.org"), "email"),
        (PutPrincipal(tenant="default", name="a", attributes={"Team": "x"}), "attributes"),
        (PutPrincipal(tenant="default", name="a", attributes={"n": 1 << 60}), "attributes.n"),
        (PutPrincipal(tenant="default", name="a", roles=(RoleBinding(role="king"),)), "roles"),
        (PutPrincipal(tenant="default", name="a", roles=(RoleBinding(role="operator", project="default"),)), "roles"),
        (PutPrincipal(tenant="default", name="a", password="long enough words"), "email"),
        (PutPrincipal(tenant="default", name="a", email="a@example.org", password="short"), "password"),
    ],
)
async def test_a_principal_that_makes_no_sense_is_refused_by_field(
    identity: IdentityService, wrong: PutPrincipal, param: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await identity.put_principal(wrong)
    assert refused.value.param == param


async def test_a_role_at_a_project_needs_the_project(identity: IdentityService) -> None:
    held = (RoleBinding(role="viewer", project="attic"),)
    with pytest.raises(NotFoundError, match="no project 'attic'"):
        await identity.put_principal(PutPrincipal(tenant="default", name="a", roles=held))
