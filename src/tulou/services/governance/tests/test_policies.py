"""Policies: how their texts are checked, and what they decide."""

import pytest

from tulou.contracts.governance.events import POLICY_CHANGED
from tulou.contracts.governance.messages import (
    Attribute,
    Decide,
    GetPolicySet,
    ListPolicies,
    NamePolicy,
    Policy,
    PolicyCase,
    Resource,
    Role,
    Subject,
    TryPolicies,
)
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError
from tulou.services.governance.component import COMPONENT
from tulou.services.governance.service import GovernanceService
from tulou.services.governance.settings import GovernanceSettings
from tulou.testing.house import SmallHouse

USE = 'action == Action::"models:use"'
NIGHT = Policy(name="night", text=f"forbid(principal, {USE}, resource) when {{ context.hour < 6 }};")
COSTLY = Policy(
    name="costly",
    text=f"""
// only the red team may use what is dear
forbid(principal, {USE}, resource)
when {{ resource.name like "gpt-*" }}
unless {{ principal.hasTag("team") && principal.getTag("team") == "red" }};
""",
)
GUESTS = Policy(name="guests", text=f'permit(principal in Tenant::"north", {USE}, resource == Model::"tulou-demo");')


def ask(
    action: str = "models:use",
    model: str = "tulou-demo",
    *,
    roles: tuple[str, ...] = ("developer",),
    attributes: dict[str, Attribute] | None = None,
    context: dict[str, Attribute] | None = None,
    tenant: str = "north",
) -> Decide:
    return Decide(
        subject=Subject(tenant=tenant, principal="ana", roles=roles, attributes=attributes or {}),
        action=action,
        resource=Resource(kind="model", name=model),
        context=context or {},
    )


async def test_a_forbidding_policy_is_stronger_than_any_role(governance: GovernanceService) -> None:
    await governance.put_policy(NIGHT)
    assert (await governance.decide(ask(context={"hour": 12}))).allowed
    refused = await governance.decide(ask(context={"hour": 3}, roles=("operator",)))
    assert (refused.allowed, refused.policies, refused.why) == (False, ("night",), "the policy night forbids it")


async def test_the_hour_is_that_of_the_houses_clock_in_utc(governance: GovernanceService, house: SmallHouse) -> None:
    await governance.put_policy(NIGHT)
    house.clock.advance(86_400 - house.clock.now() % 86_400 + 5.5 * 3600)
    assert not (await governance.decide(ask())).allowed
    house.clock.advance(3600)
    assert (await governance.decide(ask())).allowed


async def test_attributes_of_the_principal_decide(governance: GovernanceService) -> None:
    await governance.put_policy(COSTLY)
    assert (await governance.decide(ask())).allowed
    assert not (await governance.decide(ask(model="gpt-4o"))).allowed
    assert (await governance.decide(ask(model="gpt-4o", attributes={"team": "red"}))).allowed
    assert not (await governance.decide(ask(model="gpt-4o", attributes={"team": "blue"}))).allowed


async def test_numbers_and_truths_among_attributes_are_read_as_text(governance: GovernanceService) -> None:
    for name, value in (("level", '"3"'), ("trusted", '"true"')):
        condition = f'principal.hasTag("{name}") && principal.getTag("{name}") == {value}'
        text = f"permit(principal, {USE}, resource) when {{ {condition} }};"
        await governance.put_policy(Policy(name=name, text=text))
    assert (await governance.decide(ask(roles=(), attributes={"level": 3}))).allowed
    assert (await governance.decide(ask(roles=(), attributes={"trusted": True}))).allowed
    assert not (await governance.decide(ask(roles=(), attributes={"level": 4, "trusted": False}))).allowed


async def test_a_policy_may_permit_what_no_role_does(governance: GovernanceService) -> None:
    await governance.put_policy(GUESTS)
    permitted = await governance.decide(ask(roles=()))
    assert (permitted.allowed, permitted.policies, permitted.house) == (True, ("guests",), False)
    assert not (await governance.decide(ask(roles=(), tenant="south"))).allowed
    assert not (await governance.decide(ask(roles=(), model="other"))).allowed


async def test_addresses_roles_and_groups_of_actions(governance: GovernanceService) -> None:
    text = """
    forbid(principal in Role::"developer", action in Action::"use", resource)
    unless { context has address && context.address.isInRange(ip("10.0.0.0/8")) };
    """
    await governance.put_policy(Policy(name="inside", text=text))
    assert (await governance.decide(ask(context={"address": "10.1.2.3"}))).allowed
    for address in ("192.0.2.1", "unknown", "fe80::1%eth0"):
        assert not (await governance.decide(ask(context={"address": address}))).allowed, address
    assert not (await governance.decide(ask())).allowed
    assert (await governance.decide(ask(roles=("admin",)))).allowed


async def test_a_policy_that_cannot_be_evaluated_denies(governance: GovernanceService) -> None:
    text = f"forbid(principal, {USE}, resource) when {{ context.hour * 9223372036854775807 > 5 }};"
    await governance.put_policy(Policy(name="overflow", text=text))
    refused = await governance.decide(ask(context={"hour": 3}))
    assert not refused.allowed
    assert "could not be evaluated" in refused.why


async def test_nobody_can_forbid_the_house_to_mend_its_policies(governance: GovernanceService) -> None:
    await governance.put_policy(Policy(name="shut", text="forbid(principal, action, resource);"))
    for action in ("policies:write", "policies:read", "roles:write"):
        assert (await governance.decide(ask(action, roles=("operator",)))).allowed
        assert not (await governance.decide(ask(action, roles=("admin", "auditor")))).allowed
    assert not (await governance.decide(ask("keys:write", roles=("operator",)))).allowed


async def test_a_policy_that_is_not_enabled_is_checked_and_decides_nothing(governance: GovernanceService) -> None:
    await governance.put_policy(Policy(name="shut", text="forbid(principal, action, resource);", enabled=False))
    assert (await governance.decide(ask())).allowed
    with pytest.raises(InvalidError):
        await governance.put_policy(Policy(name="shut", text="forbid", enabled=False))


async def test_policies_are_listed_replaced_and_deleted(governance: GovernanceService, house: SmallHouse) -> None:
    async with house.events.subscribe([POLICY_CHANGED], group="test") as deliveries, house.relaying():
        await governance.put_policy(NIGHT)
        await governance.put_policy(COSTLY)
        assert await governance.put_policy(NIGHT) == NIGHT
        assert (await governance.policies(ListPolicies())).items == (COSTLY, NIGHT)
        await governance.delete_policy(NamePolicy(name="night"))
        bodies = [(await anext(deliveries)).fact.body for _ in range(4)]
    assert bodies == [f'{{"name":"{name}"}}' for name in ("night", "costly", "night", "night")]
    assert (await governance.decide(ask(context={"hour": 3}))).allowed
    with pytest.raises(NotFoundError, match="no policy 'night'"):
        await governance.delete_policy(NamePolicy(name="night"))


async def test_gateways_get_what_concerns_inference_and_no_more(governance: GovernanceService) -> None:
    empty = await governance.policy_set(GetPolicySet())
    assert (empty.text, empty.contextual) == ("", False)
    assert "developer" in {role.name for role in empty.roles}
    await governance.put_policy(
        Policy(name="keys", text='forbid(principal, action == Action::"keys:write", resource);')
    )
    assert (await governance.policy_set(GetPolicySet())).text == ""
    await governance.put_policy(COSTLY)
    some = await governance.policy_set(GetPolicySet())
    assert '@id("costly")' in some.text
    assert "keys:write" not in some.text
    assert not some.contextual
    await governance.put_policy(NIGHT)
    assert (await governance.policy_set(GetPolicySet())).contextual


async def test_what_is_not_enabled_does_not_make_the_set_of_gateways_contextual(governance: GovernanceService) -> None:
    await governance.put_policy(Policy(name="night", text=NIGHT.text, enabled=False))
    some = await governance.policy_set(GetPolicySet())
    assert (some.text, some.contextual) == ("", False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("// nothing but words", "is empty"),
        ("permit(principal, action, resource)", "line 1, column 35: unexpected end of input"),
        ("permit(principal, action,\n  resource) when { principal.tenant = 3 };", "line 2, column 37: '=' is not"),
        ("permit(principal, action, resource) whenn { true };", "line 1, column 37: .*whenn"),
        ("permit(principal, action, resource) when { (true };", "line 1, column 50: unexpected token"),
        (
            "permit(principal, action, resource);\n\npermit(principal, action, resource)\n  when { principal.tenent };",
            "line 4, column 20: .*`tenent`.*did you mean `tenant`",
        ),
        ('permit(principal, action == Action::"model:use", resource);', "column 37: .*did you mean `models:use`"),
        ('permit(principal == Princpal::"a/b", action, resource);', "column 21: .*did you mean `Principal`"),
        (f"forbid(principal, {USE}, resource) when {{ context has adress }};", "did you mean `address`"),
        (f"forbid(principal, {USE}, resource) when {{ context.tokens > 3 }};", "ask before, as in `context has tokens"),
        (f'permit(principal, {USE}, resource) when {{ principal.getTag("a") == "b" }};', "ask before, .*hasTag"),
        ("forbid(principal, action, resource) when { context.stream };", "needs a scope such as"),
        (f'forbid(principal, {USE}, resource) when {{ context.hour == "x" }};', "Long and String are not compatible"),
        (f"permit(principal == ?principal, {USE}, resource);", "slot of a template"),
        ("permit(principal, action, resource) when { " + "(" * 50 + "true" + ")" * 50 + " };", "brackets are open"),
        ("permit(principal, action, resource) when { " + "true && " * 4000 + "true };", "longer than 1500 words"),
        ("permit(principal, action, resource);" * 1000, "at most 32768"),
    ],
)
async def test_a_text_that_is_wrong_is_refused_with_the_place_and_what_was_meant(
    governance: GovernanceService, text: str, words: str
) -> None:
    with pytest.raises(InvalidError, match=words) as refused:
        await governance.put_policy(Policy(name="wrong", text=text))
    assert refused.value.param == "text"
    assert (await governance.policies(ListPolicies())).items == ()


@pytest.mark.parametrize(("sign", "parts"), [("&&", 300), ("*", 700)])
async def test_a_text_that_nests_beyond_what_can_be_put_together_is_refused(
    governance: GovernanceService, sign: str, parts: int
) -> None:
    condition = f" {sign} ".join(["context.stream"] * parts) if sign == "&&" else "0 < " + " * ".join(["1"] * parts)
    deep = Policy(name="deep", text=f"forbid(principal, {USE}, resource) when {{ {condition} }};")
    with pytest.raises(InvalidError, match="say it in several"):
        await governance.put_policy(deep)


async def test_there_is_a_most_number_of_policies(house: SmallHouse) -> None:
    async with COMPONENT.build(house.provided({GovernanceSettings: GovernanceSettings(max_policies=1)})) as governance:
        await governance.put_policy(NIGHT)
        with pytest.raises(LimitedError, match="max_policies"):
            await governance.put_policy(COSTLY)


async def test_cases_are_tried_with_policies_that_are_not_in_force(governance: GovernanceService) -> None:
    await governance.put_policy(Policy(name="shut", text="forbid(principal, action, resource);"))
    cases = (
        PolicyCase(name="by day", ask=ask(context={"hour": 9}), expect="allow"),
        PolicyCase(name="by night", ask=ask(context={"hour": 2}), expect="allow"),
    )
    results = (await governance.try_policies(TryPolicies(cases=cases, policies=(NIGHT,)))).items
    assert [(result.name, result.passed) for result in results] == [("by day", True), ("by night", False)]
    assert results[1].decision.policies == ("night",)
    held = (await governance.try_policies(TryPolicies(cases=cases))).items
    assert [result.passed for result in held] == [False, False]


async def test_cases_are_tried_with_roles_that_are_not_in_force(governance: GovernanceService) -> None:
    case = PolicyCase(name="guest", ask=ask(roles=("guest",)), expect="allow")
    tried = TryPolicies(cases=(case,), roles=(Role(name="guest", permissions=("models:use",)),))
    assert (await governance.try_policies(tried)).items[0].passed
    assert not (await governance.try_policies(TryPolicies(cases=(case,)))).items[0].passed
    with pytest.raises(InvalidError, match="line 1"):
        await governance.try_policies(TryPolicies(cases=(), policies=(Policy(name="x", text="permit("),)))


async def test_odd_names_are_names_and_never_cedar(governance: GovernanceService) -> None:
    await governance.put_policy(COSTLY)
    odd = 'gpt-"]); permit(principal, action, resource); //\n\\'
    assert not (await governance.decide(ask(model=odd))).allowed
    subject = Subject(tenant='"x', principal="a\u0000b", roles=("developer",), attributes={'te"am': "r\ned"})
    question = Decide(subject=subject, action="models:use", resource=Resource(kind="model", name="m"))
    assert (await governance.decide(question)).allowed
