"""What governance promises, however it is reached."""

from collections.abc import AsyncGenerator

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import (
    AuditEntry,
    Decide,
    GetPolicySet,
    ListAudit,
    ListPolicies,
    ListRoles,
    NamePolicy,
    NameRole,
    Policy,
    PolicyCase,
    RecordAudit,
    Resource,
    Role,
    Subject,
    TryPolicies,
    VerifyAudit,
)
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.settings import GovernanceSettings
from tulou.testing.house import SmallHouse, open_house

FORBID = 'forbid(principal, action == Action::"models:use", resource) when { context.hour < 6 };'
ASK = Decide(
    subject=Subject(tenant="north", principal="ana", roles=("developer",), attributes={"team": "red", "level": 3}),
    action="models:use",
    resource=Resource(kind="model", name="tulou-demo"),
    context={"hour": 3, "stream": True},
)
ENTRY = AuditEntry(
    id="audit_1",
    at=1000.25,
    tenant="north",
    principal="ana",
    action="keys:write",
    resource="keys",
    outcome="done",
    reason="größer",
)


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.governance.migrations") as small:
        yield small


@pytest.fixture
async def governance(house: SmallHouse, binding: Binding) -> AsyncGenerator[Governance]:
    async with opened(COMPONENT, house, binding, {GovernanceSettings: GovernanceSettings()}) as reached:
        yield reached


async def test_a_policy_decides_from_the_moment_that_it_is_there(governance: Governance) -> None:
    assert (await governance.decide(ASK)).allowed
    policy = Policy(name="night", text=FORBID, description="nobody works at night")
    assert await governance.put_policy(policy) == policy
    refused = await governance.decide(ASK)
    assert (refused.allowed, refused.policies) == (False, ("night",))
    assert (await governance.policies(ListPolicies())).items == (policy,)
    shipped = await governance.policy_set(GetPolicySet())
    assert shipped.contextual
    assert '@id("night")' in shipped.text
    await governance.delete_policy(NamePolicy(name="night"))
    assert (await governance.decide(ASK)).allowed


async def test_a_role_decides_from_the_moment_that_it_is_there(governance: Governance) -> None:
    role = Role(name="guest", title="May look", permissions=("models:read",), house=True)
    assert await governance.put_role(role) == role
    assert (await governance.roles(ListRoles())).items[-1] == role
    ask = Decide(
        subject=Subject(tenant="north", principal="bo", roles=("guest",)),
        action="models:read",
        resource=Resource(kind="model", tenant="south"),
    )
    decision = await governance.decide(ask)
    assert (decision.allowed, decision.house) == (True, True)
    await governance.delete_role(NameRole(name="guest"))
    assert not (await governance.decide(ask)).allowed


async def test_cases_are_tried(governance: Governance) -> None:
    cases = (PolicyCase(name="at night", ask=ASK, expect="deny"),)
    policies = (Policy(name="night", text=FORBID),)
    assert (await governance.try_policies(TryPolicies(cases=cases, policies=policies))).items[0].passed
    assert not (await governance.try_policies(TryPolicies(cases=cases))).items[0].passed


async def test_the_trail_keeps_each_entry_once_and_proves_it(governance: Governance) -> None:
    await governance.record(RecordAudit(entries=(ENTRY,)))
    await governance.record(RecordAudit(entries=(ENTRY,)))
    (record,) = (await governance.audit(ListAudit(tenant="north", since=1000.0))).items
    assert record.entry == ENTRY
    verdict = await governance.verify(VerifyAudit())
    assert (verdict.intact, verdict.records, verdict.head, verdict.sealed) == (True, 1, record.hash, 1)


async def test_a_caller_sees_its_own_tenants_part(governance: Governance) -> None:
    await governance.record(RecordAudit(entries=(ENTRY,)))
    for tenant, seen in (("north", 1), ("south", 0)):
        token = CONTEXT.set(Context(actor=KeyActor(tenant=tenant, principal="bo"), tenant_wide=True))
        assert len((await governance.audit(ListAudit())).items) == seen
        CONTEXT.reset(token)


async def test_errors_keep_their_class_words_and_field(governance: Governance) -> None:
    with pytest.raises(ConflictError, match="the role viewer is built in"):
        await governance.put_role(Role(name="viewer", permissions=("*:*",)))
    with pytest.raises(NotFoundError, match="no role 'gone'"):
        await governance.delete_role(NameRole(name="gone"))
    with pytest.raises(NotFoundError, match="no policy 'gone'"):
        await governance.delete_policy(NamePolicy(name="gone"))
    text = "permit(principal, action, resource) when { principal.tenent == principal.name };"
    with pytest.raises(InvalidError, match=r"line 1, column 54: .*did you mean `tenant`") as refused:
        await governance.put_policy(Policy(name="wrong", text=text))
    assert refused.value.param == "text"
