"""Nobody sees or changes what is another tenant's, and nobody gives what they do not have."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tulou.contracts.identity.messages import (
    CreatedKey,
    CreateKey,
    EndSessions,
    ListKeys,
    ListPrincipals,
    ListProjects,
    ListSessions,
    ListTenants,
    NameKey,
    NamePrincipal,
    NameProject,
    NameTenant,
    Project,
    PutPrincipal,
    RemoveSecondFactor,
    RoleBinding,
    Tenant,
)
from tulou.kernel.errors import ForbiddenError, LimitedError, NotFoundError
from tulou.services.identity.service import IdentityService
from tulou.services.identity.tests.conftest import CHEAP, acting, service_in, signed_in
from tulou.testing.house import SmallHouse


def role(name: str, project: str = "") -> RoleBinding:
    return RoleBinding(role=name, project=project)


PEOPLE = {
    ("default", "boss"): (role("operator"),),
    ("default", "reg"): (role("registrar"),),
    ("north", "ada"): (role("admin"),),
    ("north", "dev"): (role("developer"),),
    ("north", "eve"): (role("viewer"),),
    ("north", "pia"): (role("developer", "search"),),
    ("south", "sol"): (role("admin"),),
}


@pytest.fixture(autouse=True)
async def people(identity: IdentityService) -> None:
    for name in ("north", "south"):
        await identity.put_tenant(Tenant(name=name))
        await identity.put_project(Project(tenant=name, name="search"))
    for (tenant, name), roles in PEOPLE.items():
        await identity.put_principal(PutPrincipal(tenant=tenant, name=name, kind="service", roles=roles))


@pytest.fixture
async def southern(identity: IdentityService) -> CreatedKey:
    return await identity.create_key(CreateKey(name="app", tenant="south", principal="bot"))


async def test_lists_end_at_ones_own_tenant(identity: IdentityService, southern: CreatedKey) -> None:
    own = await identity.create_key(CreateKey(name="app", tenant="north", principal="bot"))
    with acting("north", "ada"):
        assert (await identity.keys(ListKeys())).items == (own.key,)
        assert [tenant.name for tenant in (await identity.tenants(ListTenants())).items] == ["north"]
        assert {project.tenant for project in (await identity.projects(ListProjects())).items} == {"north"}
        assert {one.tenant for one in (await identity.principals(ListPrincipals())).items} == {"north"}
    with acting("default", "boss", house=True):
        assert {key.id for key in (await identity.keys(ListKeys())).items} == {own.key.id, southern.key.id}
        assert len((await identity.tenants(ListTenants())).items) == 3


ASKED: list[Callable[[IdentityService], Awaitable[object]]] = [
    lambda identity: identity.keys(ListKeys(tenant="south")),
    lambda identity: identity.create_key(CreateKey(name="x", tenant="south", principal="bot")),
    lambda identity: identity.create_key(CreateKey(name="x", tenant="nowhere", principal="bot")),
    lambda identity: identity.tenant(NameTenant(name="south")),
    lambda identity: identity.put_tenant(Tenant(name="south", title="mine")),
    lambda identity: identity.put_tenant(Tenant(name="north", suspended="")),
    lambda identity: identity.delete_tenant(NameTenant(name="south")),
    lambda identity: identity.projects(ListProjects(tenant="south")),
    lambda identity: identity.project(NameProject(tenant="south", name="search")),
    lambda identity: identity.put_project(Project(tenant="south", name="search", title="mine")),
    lambda identity: identity.delete_project(NameProject(tenant="south", name="search")),
    lambda identity: identity.principals(ListPrincipals(tenant="south")),
    lambda identity: identity.principal(NamePrincipal(tenant="south", name="sol")),
    lambda identity: identity.put_principal(PutPrincipal(tenant="south", name="sol")),
    lambda identity: identity.delete_principal(NamePrincipal(tenant="south", name="sol")),
    lambda identity: identity.remove_second_factor(RemoveSecondFactor(tenant="south", principal="sol")),
]


@pytest.mark.parametrize("ask", ASKED)
async def test_another_tenant_is_refused_whether_or_not_it_is_there(
    identity: IdentityService, ask: Callable[[IdentityService], Awaitable[object]]
) -> None:
    with acting("north", "ada"), pytest.raises(ForbiddenError):
        await ask(identity)


async def test_keys_and_sessions_of_others_are_not_known_here(identity: IdentityService, southern: CreatedKey) -> None:
    with acting("north", "ada"):
        for attempt in (identity.key(NameKey(id=southern.key.id)), identity.revoke_key(NameKey(id=southern.key.id))):
            with pytest.raises(NotFoundError, match="no key"):
                await attempt
        with pytest.raises(NotFoundError, match="no such session"):
            await identity.sessions(ListSessions(tenant="south", principal="sol"))
        with pytest.raises(NotFoundError, match="no such session"):
            await identity.end_sessions(EndSessions(tenant="south", principal="sol"))
    assert (await identity.key(NameKey(id=southern.key.id))).revoked_at is None


async def test_a_role_is_handed_on_only_by_who_has_as_much(identity: IdentityService) -> None:
    for holder, given, allowed in (
        ("ada", "admin", True),
        ("ada", "developer", True),
        ("ada", "viewer", True),
        ("ada", "operator", False),
        ("ada", "registrar", False),
    ):
        wanted = PutPrincipal(tenant="north", name="new", kind="service", roles=(role(given),))
        with acting("north", holder):
            if allowed:
                assert (await identity.put_principal(wanted)).roles == (role(given),)
            else:
                with pytest.raises(ForbiddenError, match="may do more than you"):
                    await identity.put_principal(wanted)


async def test_reaching_over_the_house_is_no_way_to_become_an_operator(identity: IdentityService) -> None:
    with acting("default", "reg", house=True):
        for wanted in (
            PutPrincipal(tenant="default", name="reg", roles=(role("operator"),)),
            PutPrincipal(tenant="north", name="new", roles=(role("admin"),)),
        ):
            with pytest.raises(ForbiddenError, match="may do more than you"):
                await identity.put_principal(wanted)
        await identity.put_principal(PutPrincipal(tenant="north", name="new", roles=(role("registrar"),)))
        made = await identity.create_key(CreateKey(name="x", tenant="default", principal="reg", scopes=("admin",)))
        assert made.key.principal == "reg"
        with pytest.raises(ForbiddenError, match="may do more than you"):
            await identity.create_key(CreateKey(name="x", principal="unknown", scopes=("admin",)))


async def test_nobody_changes_or_becomes_somebody_who_may_do_more(identity: IdentityService) -> None:
    await identity.put_principal(PutPrincipal(tenant="north", name="chief", kind="service", roles=(role("operator"),)))
    with acting("north", "ada"):
        for attempt in (
            identity.put_principal(PutPrincipal(tenant="north", name="chief", roles=(role("viewer"),))),
            identity.delete_principal(NamePrincipal(tenant="north", name="chief")),
            identity.create_key(CreateKey(name="x", tenant="north", principal="chief")),
            identity.end_sessions(EndSessions(tenant="north", principal="chief")),
            identity.remove_second_factor(RemoveSecondFactor(tenant="north", principal="chief")),
        ):
            with pytest.raises(ForbiddenError, match="may do more than you"):
                await attempt
    with acting("north", "dev"), pytest.raises(ForbiddenError, match="may do more than you"):
        await identity.create_key(CreateKey(name="x", tenant="north", principal="ada"))


async def test_a_key_in_a_persons_name_is_theirs_to_make(identity: IdentityService) -> None:
    await identity.put_principal(PutPrincipal(tenant="north", name="fay", roles=(role("developer"),)))
    wanted = CreateKey(name="x", tenant="north", principal="fay")
    with acting("north", "dev"), pytest.raises(ForbiddenError, match="theirs to make"):
        await identity.create_key(wanted)
    with acting("north", "fay"):
        await identity.create_key(wanted)
    with acting("north", "ada"):
        await identity.create_key(wanted)


async def test_an_unknown_owner_gets_no_more_than_the_caller_has(identity: IdentityService) -> None:
    with acting("north", "dev"):
        await identity.create_key(CreateKey(name="x", tenant="north", principal="bot", scopes=("admin",)))
    bot = await identity.principal(NamePrincipal(tenant="north", name="bot"))
    assert bot.roles == (role("developer"),)
    with acting("north", "pia", project="search"):
        await identity.create_key(CreateKey(name="x", tenant="north", principal="bit", project="search"))
    bit = await identity.principal(NamePrincipal(tenant="north", name="bit"))
    assert bit.roles == (role("developer", "search"),)
    with acting("north", "eve"), pytest.raises(ForbiddenError, match="make no keys"):
        await identity.create_key(CreateKey(name="x", tenant="north", principal="eve"))


async def test_a_role_at_a_project_ends_at_the_project(identity: IdentityService) -> None:
    inside = await identity.create_key(CreateKey(name="in", tenant="north", principal="bot", project="search"))
    outside = await identity.create_key(CreateKey(name="out", tenant="north", principal="bot"))
    for caller in (acting("north", "pia", project="search"), signed_in("session_x", "north", "pia")):
        with caller:
            assert (await identity.keys(ListKeys())).items == (inside.key,)
            assert (await identity.keys(ListKeys(project="default"))).items == ()
            with pytest.raises(NotFoundError):
                await identity.key(NameKey(id=outside.key.id))
            with pytest.raises(NotFoundError):
                await identity.revoke_key(NameKey(id=outside.key.id))
            with pytest.raises(ForbiddenError, match="make no keys in project 'default'"):
                await identity.create_key(CreateKey(name="x", tenant="north", principal="pia"))
    with acting("north", "pia"):  # a key of hers at another project
        assert (await identity.keys(ListKeys())).items == ()


async def test_who_keeps_one_project_keeps_neither_people_nor_other_projects(identity: IdentityService) -> None:
    await identity.put_principal(PutPrincipal(tenant="north", name="lou", roles=(role("admin", "search"),)))
    with acting("north", "lou", project="search"):
        for attempt in (
            identity.put_principal(PutPrincipal(tenant="north", name="new", roles=(role("viewer"),))),
            identity.delete_principal(NamePrincipal(tenant="north", name="eve")),
            identity.put_project(Project(tenant="north", name="other")),
            identity.delete_project(NameProject(tenant="north", name="search")),
        ):
            with pytest.raises(ForbiddenError, match="no more than a project"):
                await attempt
        assert [item.name for item in (await identity.projects(ListProjects())).items] == ["search"]


async def test_the_people_of_one_tenant_take_up_no_more_than_their_share(house: SmallHouse) -> None:
    identity = service_in(house, replace(CHEAP, max_keys=6, max_principals=20))
    wanted = CreateKey(name="k", tenant="north", principal="ada", scopes=("admin",))
    with acting("north", "ada"):
        for _ in range(3):
            await identity.create_key(wanted)
        with pytest.raises(LimitedError, match=r"has 3 valid keys already \(\[identity\] tenant_share of max_keys\)"):
            await identity.create_key(wanted)
        for number in range(6):
            await identity.put_principal(PutPrincipal(tenant="north", name=f"p{number}", kind="service"))
        with pytest.raises(LimitedError, match=r"has 10 principals already \(\[identity\] tenant_share"):
            await identity.put_principal(PutPrincipal(tenant="north", name="more", kind="service"))
    with acting("south", "sol"):
        await identity.create_key(CreateKey(name="k", tenant="south", principal="sol"))
    await identity.create_key(wanted)
