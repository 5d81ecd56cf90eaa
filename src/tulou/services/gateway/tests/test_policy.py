"""The judge and its stage: who may use which model, and how little that costs."""

from dataclasses import replace

import pytest

from tulou.contracts.governance.messages import Attribute, PolicySet, Role
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.policy import PolicyDecider, PolicyDeciders
from tulou.services.gateway.policy.decider import KEPT
from tulou.services.gateway.refusals import PolicyDeniedError
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.policy import PolicyStage
from tulou.testing.clock import ManualClock

ROLES = (
    Role(name="developer", permissions=("models:read", "*:use")),
    Role(name="viewer", permissions=("*:read",)),
    Role(name="odd", permissions=("*:*", "-models:use")),
)
ANA = Grant(key="key_1", digest="00", tenant="north", principal="ana", scopes=("inference",), roles=("developer",))
BO = replace(ANA, key="key_2", principal="bo", roles=("viewer",))
COSTLY = """
@id("costly")
forbid(principal, action == Action::"models:use", resource)
when { resource.name like "gpt-*" }
unless { principal.hasTag("team") && principal.getTag("team") == "red" };
"""
SHORT = """
@id("short")
forbid(principal, action == Action::"models:use", resource)
unless { context has tokens && context.tokens <= 100 };
"""
GUESTS = '@id("guests") permit(principal, action == Action::"models:use", resource == Model::"tulou-demo");'


def judge(text: str = "", *, contextual: bool = False) -> PolicyDecider:
    made = PolicyDeciders().of(PolicySet(text=text, roles=ROLES, contextual=contextual))
    assert made
    return made


def allowed(judge: PolicyDecider, grant: Grant, model: str = "tulou-demo", **context: Attribute) -> bool:
    try:
        judge.check(grant, model, context)
    except PolicyDeniedError:
        return False
    return True


def test_a_snapshot_from_before_there_were_policies_has_no_judge() -> None:
    assert PolicyDeciders().of(PolicySet()) is None


def test_the_same_set_has_the_same_judge_and_another_set_another() -> None:
    judges, first = PolicyDeciders(), PolicySet(roles=ROLES)
    assert judges.of(first) is judges.of(replace(first))
    assert judges.of(replace(first, text=COSTLY)) is not judges.of(first)
    assert judges.of(PolicySet()) is None


def test_a_role_that_permits_the_use_is_enough_and_needed() -> None:
    plain = judge()
    assert not plain.looks_at
    assert allowed(plain, ANA)
    assert allowed(plain, replace(ANA, roles=("viewer", "developer")))
    for roles in (("viewer",), ("odd",), ("gone",), ()):
        assert not allowed(plain, replace(ANA, roles=roles)), roles


def test_a_refusal_says_which_roles_did_not_help_and_which_would() -> None:
    with pytest.raises(PolicyDeniedError, match="bo has viewer; ask for a role with models:use") as refused:
        judge().check(BO, "tulou-demo", {})
    assert (refused.value.code, refused.value.status, refused.value.param) == ("policy_denied", 403, "model")


def test_a_policy_forbids_by_model_and_by_what_is_known_of_the_principal() -> None:
    strict = judge(COSTLY)
    assert not strict.looks_at
    assert allowed(strict, ANA)
    assert not allowed(strict, ANA, "gpt-4o")
    assert allowed(strict, replace(ANA, attributes={"team": "red"}), "gpt-4o")
    with pytest.raises(PolicyDeniedError, match="the policy costly forbids"):
        strict.check(ANA, "gpt-4o", {})


def test_a_policy_permits_what_no_role_does() -> None:
    kind = judge(GUESTS)
    assert allowed(kind, BO)
    assert not allowed(kind, BO, "other")
    assert allowed(kind, ANA, "other")


def test_a_set_that_looks_at_requests_is_asked_each_time() -> None:
    careful = judge(SHORT, contextual=True)
    assert careful.looks_at == {"tokens"}
    assert [allowed(careful, ANA, tokens=tokens) for tokens in (50, 500, 100)] == [True, False, True]
    assert not allowed(careful, ANA)


def test_a_policy_that_cannot_be_evaluated_denies() -> None:
    text = '@id("big") forbid(principal, action, resource) when { context.hour * 9223372036854775807 > 5 };'
    broken = judge(text, contextual=True)
    with pytest.raises(PolicyDeniedError, match="could not be evaluated"):
        broken.check(ANA, "tulou-demo", {"hour": 3})


def test_rulings_belong_to_grants_as_they_are_not_to_their_names() -> None:
    strict = judge(COSTLY)
    assert not allowed(strict, ANA, "gpt-4o")
    promoted = replace(ANA, attributes={"team": "red"})
    assert allowed(strict, promoted, "gpt-4o")
    assert not allowed(strict, ANA, "gpt-4o")


@pytest.mark.parametrize(
    ("condition", "first", "second"),
    [
        ("context.hour < 6", {"hour": 3}, {"hour": 9}),
        ("context.hour < 6 && context.stream", {"hour": 3, "stream": True}, {"hour": 3, "stream": False}),
        ('context has address && context.address == ip("10.0.0.1")', {"address": "10.0.0.1"}, {"address": "10.0.0.2"}),
        ("context has tokens", {"tokens": 1}, {}),
        ("context.at < 100", {"at": 50}, {"at": 150}),
        ("context == {hour: 3}", {"hour": 3}, {"hour": 4}),
        ('context["hour"] < 6', {"hour": 3}, {"hour": 9}),
    ],
)
def test_rulings_are_kept_apart_by_whatever_the_policies_look_at(
    condition: str, first: dict[str, Attribute], second: dict[str, Attribute]
) -> None:
    text = f'@id("p") forbid(principal, action == Action::"models:use", resource) when {{ {condition} }};'
    careful = judge(text, contextual=True)
    for _ in range(2):
        assert not allowed(careful, ANA, "m", **first)
        assert allowed(careful, ANA, "m", **second)


def test_what_is_kept_is_bounded() -> None:
    strict = judge(COSTLY)
    for number in range(KEPT + 50):
        assert allowed(strict, ANA, f"model-{number}")
    assert len(strict._rulings) == KEPT  # pyright: ignore[reportPrivateUsage] - what this test is about
    assert len(strict._entities) == KEPT  # pyright: ignore[reportPrivateUsage] - the same
    assert allowed(strict, ANA, "model-0")


class Reached(Exception):  # noqa: N818 - a way to stop
    """The stage below was asked."""


async def below(call: Call) -> Answer:  # noqa: ARG001 - the shape of a stage
    raise Reached


def asking(allowed: int | None = None, grant: Grant = ANA) -> Call:
    call = Call(
        endpoint="chat", model="tulou-demo", body=b"", stream=True, grant=grant, request_id="req_1", started=0.0
    )
    call.allowed = allowed
    return call


async def test_the_stage_tells_the_judge_of_the_request_and_of_the_hour() -> None:
    text = """
    @id("day") forbid(principal, action == Action::"models:use", resource)
    unless { context.hour >= 6 && context.stream && context.endpoint == "chat" && !context.batch
             && context has address && context.address.isInRange(ip("10.0.0.0/8"))
             && context has tokens && context.tokens < 100 };
    """
    clock = ManualClock()
    clock.advance(86_400 - clock.now() % 86_400 + 7 * 3600)
    stage = PolicyStage(below, judge(text, contextual=True), "tulou-demo", clock=clock)
    good = asking(50)
    good.address = "10.1.1.1"
    with pytest.raises(Reached):
        await stage(good)
    with pytest.raises(PolicyDeniedError):
        await stage(asking(50))
    large = asking(500)
    large.address = good.address
    with pytest.raises(PolicyDeniedError):
        await stage(large)
    clock.advance(20 * 3600)
    with pytest.raises(PolicyDeniedError, match="the policy day forbids"):
        await stage(good)


async def test_without_policies_the_stage_asks_for_a_role_alone() -> None:
    stage = PolicyStage(below, judge(), "tulou-demo", clock=ManualClock())
    with pytest.raises(Reached):
        await stage(asking())
    with pytest.raises(PolicyDeniedError):
        await stage(asking(grant=BO))
