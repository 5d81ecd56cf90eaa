"""Tenants and projects: what is always there, what may be removed, and who is let in."""

import pytest

from tulou.chassis.telemetry.metrics import NO_TENANTS
from tulou.contracts.identity.events import PROJECT_CHANGED, TENANT_CHANGED
from tulou.contracts.identity.messages import (
    Authenticate,
    CreateKey,
    ListGrants,
    ListKeys,
    ListProjects,
    ListTenants,
    NameKey,
    NamePrincipal,
    NameProject,
    NameTenant,
    Project,
    PutPrincipal,
    Tenant,
)
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError, LimitedError, NotFoundError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.tests.conftest import acting, service_in
from tulou.testing.house import SmallHouse

NORTH = Tenant(name="north", title="Norden")


async def test_a_house_begins_with_the_tenant_and_the_project_default(identity: IdentityService) -> None:
    assert [tenant.name for tenant in (await identity.tenants(ListTenants())).items] == ["default"]
    assert [project.name for project in (await identity.projects(ListProjects())).items] == ["default"]


async def test_a_new_tenant_has_a_project_and_keeps_its_birthday(identity: IdentityService, house: SmallHouse) -> None:
    async with house.events.subscribe([TENANT_CHANGED, PROJECT_CHANGED], group="t") as deliveries, house.relaying():
        made = await identity.put_tenant(NORTH)
        fact = (await anext(deliveries)).fact
    assert (fact.topic, fact.tenant, fact.body) == (TENANT_CHANGED, "north", '{"name":"north"}')
    house.clock.advance(60)
    changed = await identity.put_tenant(Tenant(name="north", title="North"))
    assert (changed.title, changed.created_at) == ("North", made.created_at)
    assert await identity.tenant(NameTenant(name="north")) == changed
    assert [project.name for project in (await identity.projects(ListProjects(tenant="north"))).items] == ["default"]


async def test_what_is_always_there_cannot_be_removed(identity: IdentityService) -> None:
    with pytest.raises(ConflictError, match="always there"):
        await identity.delete_tenant(NameTenant(name="default"))
    with pytest.raises(ConflictError, match="always there"):
        await identity.delete_project(NameProject(tenant="default", name="default"))
    with pytest.raises(ConflictError, match="runs this house"):
        await identity.put_tenant(Tenant(name="default", suspended="oops"))


@pytest.mark.parametrize("name", sorted(NO_TENANTS))
async def test_no_tenant_is_named_as_metrics_name_those_that_they_do_not_name(
    identity: IdentityService, name: str
) -> None:
    with pytest.raises(InvalidError):
        await identity.put_tenant(Tenant(name=name))


async def test_a_tenant_goes_when_nobody_is_left_in_it(identity: IdentityService) -> None:
    await identity.put_tenant(NORTH)
    made = await identity.create_key(CreateKey(name="app", tenant="north", principal="bot"))
    with pytest.raises(ConflictError, match="has principals or valid keys"):
        await identity.delete_tenant(NameTenant(name="north"))
    await identity.revoke_key(NameKey(id=made.key.id))
    with pytest.raises(ConflictError, match="has principals"):
        await identity.delete_tenant(NameTenant(name="north"))
    await identity.delete_principal(NamePrincipal(tenant="north", name="bot"))
    await identity.delete_tenant(NameTenant(name="north"))
    with pytest.raises(NotFoundError, match="no tenant 'north'"):
        await identity.tenant(NameTenant(name="north"))
    assert [item.tenant for item in (await identity.projects(ListProjects())).items] == ["default"]


async def test_a_project_goes_when_no_key_of_it_is_valid(identity: IdentityService) -> None:
    await identity.put_project(Project(tenant="default", name="search"))
    made = await identity.create_key(CreateKey(name="app", project="search"))
    assert (await identity.keys(ListKeys(project="search"))).items == (made.key,)
    assert (await identity.keys(ListKeys(project="default"))).items == ()
    with pytest.raises(ConflictError, match="valid keys"):
        await identity.delete_project(NameProject(tenant="default", name="search"))
    await identity.revoke_key(NameKey(id=made.key.id))
    await identity.delete_project(NameProject(tenant="default", name="search"))
    with pytest.raises(NotFoundError, match="no project 'search'"):
        await identity.project(NameProject(tenant="default", name="search"))


async def test_nothing_is_made_in_places_that_are_not_there(identity: IdentityService) -> None:
    with pytest.raises(NotFoundError, match="no tenant 'south'"):
        await identity.create_key(CreateKey(name="app", tenant="south"))
    with pytest.raises(NotFoundError, match="no project 'attic'"):
        await identity.create_key(CreateKey(name="app", project="attic"))
    with pytest.raises(NotFoundError, match="no tenant 'south'"):
        await identity.put_project(Project(tenant="south", name="x"))
    with pytest.raises(NotFoundError, match="no tenant 'south'"):
        await identity.put_principal(PutPrincipal(tenant="south", name="ana"))


async def test_a_suspended_tenant_keeps_its_keys_and_they_open_nothing(identity: IdentityService) -> None:
    await identity.put_tenant(NORTH)
    made = await identity.create_key(CreateKey(name="app", tenant="north", principal="bot"))
    await identity.put_tenant(Tenant(name="north", suspended="unpaid"))
    with pytest.raises(ForbiddenError, match=r"tenant 'north' is suspended \(unpaid\)"):
        await identity.authenticate(Authenticate(secret=made.secret))
    assert [grant.blocked for grant in (await identity.grants(ListGrants())).items] == [
        "tenant 'north' is suspended (unpaid)"
    ]
    await identity.put_tenant(Tenant(name="north"))
    assert (await identity.authenticate(Authenticate(secret=made.secret))).tenant == "north"


async def test_nobody_suspends_the_tenant_that_they_sit_in(identity: IdentityService) -> None:
    await identity.put_tenant(NORTH)
    with acting("north", "ana", house=True), pytest.raises(ConflictError, match="your own"):
        await identity.put_tenant(Tenant(name="north", suspended="oops"))


async def test_there_is_a_most_number_of_tenants_and_projects(house: SmallHouse) -> None:
    identity = service_in(house, IdentitySettings(max_tenants=1, max_projects=1))
    with pytest.raises(LimitedError, match="max_tenants"):
        await identity.put_tenant(NORTH)
    with pytest.raises(LimitedError, match="max_projects"):
        await identity.put_project(Project(tenant="default", name="search"))


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        (Tenant(name="a/b"), "name"),
        (Tenant(name=""), "name"),
        (Tenant(name="n", title="x" * 201), "title"),
        (Tenant(name="n", suspended="two\nlines"), "suspended"),
    ],
)
async def test_a_tenant_that_makes_no_sense_is_refused_by_field(
    identity: IdentityService, wrong: Tenant, param: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await identity.put_tenant(wrong)
    assert refused.value.param == param
