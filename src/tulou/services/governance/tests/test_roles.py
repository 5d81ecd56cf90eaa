"""Roles: what those of every house permit, and what others may."""

import pytest

from tulou.contracts.governance.events import ROLE_CHANGED
from tulou.contracts.governance.messages import Decide, Decision, ListRoles, NameRole, Resource, Role, Subject
from tulou.kernel.errors import ConflictError, InvalidError, LimitedError, NotFoundError
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.service import GovernanceService
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.store.tables import METADATA
from tulou.testing.house import SmallHouse
from tulou.testing.tables import differences


async def asked(governance: GovernanceService, role: str, action: str, tenant: str = "north") -> Decision:
    subject = Subject(tenant="north", principal="ana", roles=(role,) if role else ())
    return await governance.decide(
        Decide(subject=subject, action=action, resource=Resource(kind="thing", name="x", tenant=tenant))
    )


async def test_the_tables_are_those_that_the_revisions_make(house: SmallHouse) -> None:
    assert await differences(house.database, METADATA) == []


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        ("operator", "deployments:write", True),
        ("operator", "models:use", True),
        ("admin", "keys:write", True),
        ("admin", "principals:write", True),
        ("admin", "limits:write", True),
        ("admin", "audit:read", True),
        ("admin", "roles:write", False),
        ("admin", "policies:write", False),
        ("admin", "tenants:write", False),
        ("admin", "deployments:write", False),
        ("admin", "configuration:read", False),
        ("developer", "keys:write", True),
        ("developer", "models:use", True),
        ("developer", "files:use", True),
        ("developer", "batches:use", True),
        ("developer", "usage:read", True),
        ("developer", "limits:write", False),
        ("developer", "principals:read", False),
        ("viewer", "keys:read", True),
        ("viewer", "usage:read", True),
        ("viewer", "audit:read", False),
        ("viewer", "logs:read", False),
        ("viewer", "snapshot:read", False),
        ("admin", "upstreams:read", False),
        ("viewer", "credentials:read", False),
        ("viewer", "models:use", False),
        ("viewer", "keys:write", False),
        ("auditor", "audit:read", True),
        ("auditor", "policies:read", True),
        ("auditor", "keys:read", False),
        ("", "keys:read", False),
        ("no-such-role", "keys:read", False),
    ],
)
async def test_built_in_roles_permit_this_much(
    governance: GovernanceService, role: str, action: str, *, allowed: bool
) -> None:
    decision = await asked(governance, role, action)
    assert decision.allowed == allowed, decision.why
    assert decision.house == (role == "operator")


async def test_a_role_ends_at_the_tenant_of_its_holder_unless_it_is_the_houses(governance: GovernanceService) -> None:
    refused = await asked(governance, "admin", "keys:write", tenant="south")
    assert not refused.allowed
    assert "the role admin of ana ends at north" in refused.why
    assert (await asked(governance, "operator", "keys:write", tenant="south")).allowed


async def test_a_denial_says_which_roles_did_not_help(governance: GovernanceService) -> None:
    assert (await asked(governance, "", "keys:read")).why == "ana has no role"
    why = (await asked(governance, "viewer", "keys:write")).why
    assert why == "ana has the role viewer, which does not permit it"
    assert "the whole house's" in (await asked(governance, "admin", "configuration:read")).why


async def test_an_own_role_holds_until_it_is_deleted(governance: GovernanceService, house: SmallHouse) -> None:
    async with house.events.subscribe([ROLE_CHANGED], group="test") as deliveries, house.relaying():
        made = await governance.put_role(Role(name="billing", permissions=("usage:read", "prices:*", "-prices:write")))
        assert (await anext(deliveries)).fact.body == '{"name":"billing"}'
    assert (await asked(governance, "billing", "prices:read")).allowed
    assert not (await asked(governance, "billing", "prices:write")).allowed
    listed = (await governance.roles(ListRoles())).items
    assert [role.name for role in listed[:2]] == ["operator", "admin"]
    assert listed[-1] == made
    await governance.delete_role(NameRole(name="billing"))
    assert not (await asked(governance, "billing", "prices:read")).allowed
    with pytest.raises(NotFoundError, match="no role 'billing'"):
        await governance.delete_role(NameRole(name="billing"))


async def test_a_role_of_the_house_reaches_over_tenants_with_just_what_it_permits(
    governance: GovernanceService,
) -> None:
    await governance.put_role(Role(name="deployer", permissions=("deployments:*",), house=True))
    decision = await asked(governance, "deployer", "deployments:write", tenant="south")
    assert (decision.allowed, decision.house) == (True, True)
    assert not (await asked(governance, "deployer", "keys:read")).allowed


async def test_built_in_roles_stay_as_they_are(governance: GovernanceService) -> None:
    with pytest.raises(ConflictError, match="is built in"):
        await governance.put_role(Role(name="viewer", permissions=("*:*",)))
    with pytest.raises(ConflictError, match="is built in"):
        await governance.delete_role(NameRole(name="operator"))


async def test_nobody_makes_a_role_that_is_called_built_in(governance: GovernanceService) -> None:
    made = await governance.put_role(Role(name="mine", permissions=("keys:read",), built_in=True))
    assert not made.built_in
    await governance.delete_role(NameRole(name="mine"))


@pytest.mark.parametrize(
    ("wrong", "param", "words"),
    [
        (Role(name="Big", permissions=("keys:read",)), "name", "small letters"),
        (Role(name="x"), "permissions", "1 to 100"),
        (Role(name="x", permissions=("keys:read", "keys:read")), "permissions", "each once"),
        (Role(name="x", permissions=("keys",)), "permissions[0]", "<noun>:<verb>"),
        (Role(name="x", permissions=("keyz:read",)), "permissions[0]", "did you mean 'keys'"),
        (Role(name="x", permissions=("keys:reed",)), "permissions[0]", "did you mean 'read'"),
        (Role(name="x", permissions=("keys:read", "deployments:write")), "permissions[1]", "whole house"),
        (Role(name="x", permissions=("configuration:read",)), "permissions[0]", "whole house"),
        (Role(name="x", title="t" * 201, permissions=("keys:read",)), "title", "at most 200"),
    ],
)
async def test_a_role_that_makes_no_sense_is_refused_by_field(
    governance: GovernanceService, wrong: Role, param: str, words: str
) -> None:
    with pytest.raises(InvalidError, match=words.replace("[", r"\[")) as refused:
        await governance.put_role(wrong)
    assert refused.value.param == param


async def test_there_is_a_most_number_of_roles(house: SmallHouse) -> None:
    async with COMPONENT.build(house.provided({GovernanceSettings: GovernanceSettings(max_roles=1)})) as governance:
        await governance.put_role(Role(name="one", permissions=("keys:read",)))
        await governance.put_role(Role(name="one", permissions=("keys:*",)))
        with pytest.raises(LimitedError, match="max_roles"):
            await governance.put_role(Role(name="two", permissions=("keys:read",)))
        assert (await governance.roles(ListRoles())).items[-1].name == "one"
