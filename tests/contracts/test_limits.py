"""What limits promise, however they are reached."""

from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.events import LIMIT_CHANGED, LIMIT_WARNED
from tulou.contracts.limits.messages import (
    Ask,
    GetStanding,
    LeaseShares,
    Limit,
    ListLimits,
    NameLimit,
    PastRequest,
    ReadLimits,
    ReplayLimits,
    Share,
    Standing,
)
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.kernel.errors import ConflictError, ForbiddenError, InvalidError, LimitedError, NotFoundError
from tulou.ports.allowances import SharedAllowances
from tulou.services.limits.component import COMPONENT
from tulou.services.limits.settings import LimitsSettings
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house

BUDGET = Limit(name="budget", scope="project", measure="cost", amount=5.0, period="month", tenant="default")
RATE = Limit(name="rate", scope="key", measure="requests", amount=60, period="minute")
MILLION = 1_000_000


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.limits.migrations") as small:
        yield small


@pytest.fixture
async def limits(house: SmallHouse, binding: Binding) -> AsyncGenerator[Limits]:
    things = {LimitsSettings: LimitsSettings(), SharedAllowances: SharedAllowances()}
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


@contextmanager
def caller(tenant: str, *, house: bool = False) -> Generator[None]:
    token = CONTEXT.set(Context(actor=KeyActor(tenant=tenant, principal="ana"), house=house, tenant_wide=True))
    try:
        yield
    finally:
        CONTEXT.reset(token)


@contextmanager
def at_projects(tenant: str, *projects: str) -> Generator[None]:
    """Call as somebody whose roles are bound to projects alone."""
    token = CONTEXT.set(Context(actor=KeyActor(tenant=tenant, principal="pia"), projects=projects))
    try:
        yield
    finally:
        CONTEXT.reset(token)


async def lease(limits: Limits, gateway: str, told: str, ask: Ask) -> Share:
    return (await limits.lease(LeaseShares(gateway=gateway, told=told, asks=(ask,)))).items[0]


async def stands(limits: Limits, name: str) -> Standing:
    (one,) = (await limits.standing(GetStanding(limit=name))).items
    return one


async def test_a_limit_is_made_replaced_listed_and_removed(limits: Limits, house: SmallHouse) -> None:
    async with house.events.subscribe([LIMIT_CHANGED], group="t") as facts, house.relaying():
        assert await limits.put_limit(BUDGET) == BUDGET
        assert (await anext(facts)).fact.tenant == "default"
    raised = replace(BUDGET, amount=7.0, subject="app")
    assert await limits.put_limit(raised) == replace(raised, subject="default/app")
    await limits.put_limit(RATE)
    assert [limit.name for limit in (await limits.limits(ListLimits())).items] == ["budget", "rate"]
    assert [limit.name for limit in (await limits.limits(ListLimits(tenant="default"))).items] == ["budget"]
    await limits.delete_limit(NameLimit(name="budget"))
    with pytest.raises(NotFoundError, match="no limit named 'budget'; `tulou limits list` shows yours"):
        await limits.delete_limit(NameLimit(name="budget"))


async def test_limits_are_read_by_name_or_a_page_at_a_time(limits: Limits) -> None:
    made = [replace(RATE, name=f"rate-{number}") for number in range(5)]
    for one in made:
        await limits.put_limit(one)
    named = await limits.read(ReadLimits(names=("rate-3", "ghost", "rate-1")))
    assert (sorted(one.name for one in named.items), named.next) == (["rate-1", "rate-3"], None)
    first = await limits.read(ReadLimits(limit=3))
    assert (list(first.items), first.next) == (made[:3], "rate-2")
    last = await limits.read(ReadLimits(limit=3, after="rate-2"))
    assert (list(last.items), last.next) == (made[3:], None)
    assert (await limits.read(ReadLimits(limit=0))).next == "rate-0"
    await limits.delete_limit(NameLimit(name="rate-3"))
    assert (await limits.read(ReadLimits(names=("rate-3",)))).items == ()


async def test_a_caller_reads_the_limits_of_its_tenant_alone(limits: Limits) -> None:
    for one in (BUDGET, RATE, replace(BUDGET, name="theirs", tenant="other")):
        await limits.put_limit(one)
    with caller("default"):
        assert [one.name for one in (await limits.read(ReadLimits())).items] == ["budget"]
        assert (await limits.read(ReadLimits(names=("theirs", "rate")))).items == ()


async def test_a_role_at_a_project_sees_and_sets_limits_of_the_project_alone(limits: Limits) -> None:
    own = Limit(name="own", scope="project", subject="web", measure="requests", amount=5, period="day")
    for one in (
        BUDGET,
        replace(BUDGET, name="api", subject="default/api"),
        replace(RATE, name="all", tenant="default"),
    ):
        await limits.put_limit(one)
    with at_projects("default", "web"):
        assert (await limits.put_limit(own)).subject == "default/web"
        assert [one.name for one in (await limits.limits(ListLimits())).items] == ["own"]
        assert [one.name for one in (await limits.read(ReadLimits())).items] == ["own"]
        assert {one.limit.name for one in (await limits.standing(GetStanding())).items} == {"own"}
        assert (await limits.standing(GetStanding(limit="api"))).items == ()
        for beyond in (replace(own, subject="api"), replace(own, subject=""), replace(own, scope="tenant", subject="")):
            with pytest.raises(ForbiddenError, match="you keep limits of projects alone"):
                await limits.put_limit(beyond)
        with pytest.raises(ForbiddenError, match="administrators keep it"):
            await limits.put_limit(replace(own, name="budget"))
        for name in ("budget", "api", "all"):
            with pytest.raises(NotFoundError):
                await limits.delete_limit(NameLimit(name=name))
    with at_projects("default"):
        assert (await limits.limits(ListLimits())).items == ()


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"name": "Bad Name"}, "name"),
        ({"amount": 0}, "amount"),
        ({"amount": float("1e15")}, "amount"),
        ({"measure": "requests", "amount": 1.5}, "amount"),
        ({"period": "second"}, "period"),
        ({"measure": "concurrency", "period": "minute"}, "period"),
        ({"models": ()}, "models"),
        ({"models": ("ok", "not ok")}, "models[1]"),
        ({"warn_at": (0.5, 1.5)}, "warn_at[1]"),
        ({"subject": "a b"}, "subject"),
        ({"scope": "house", "subject": "x"}, "subject"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(limits: Limits, change: dict[str, object], param: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await limits.put_limit(replace(BUDGET, **change))
    assert refused.value.param == param


async def test_what_is_granted_counts_as_used_until_it_is_settled(limits: Limits) -> None:
    await limits.put_limit(BUDGET)
    first = await lease(limits, "g1", "1", Ask(limit="budget", subject="default/app", want=0, need=3 * MILLION))
    assert (first.granted, first.left) == (3 * MILLION, 2 * MILLION)
    held = await stands(limits, "budget")
    assert (held.used, held.held, held.state) == (0.0, 3.0, "ok")
    second = await lease(limits, "g2", "1", Ask(limit="budget", subject="default/app", want=0, need=4 * MILLION))
    assert second.granted == 2 * MILLION
    assert (await stands(limits, "budget")).state == "reached"
    third = await lease(limits, "g3", "1", Ask(limit="budget", subject="default/app", want=9, need=9))
    assert (third.granted, third.lease) == (0, "")
    assert third.retry_after_s > 0
    settled = Ask(limit="budget", subject="default/app", want=0, lease=first.lease, used=MILLION)
    assert (await lease(limits, "g1", "2", settled)).left == 2 * MILLION
    after = await stands(limits, "budget")
    assert (after.used, after.held) == (1.0, 2.0)


async def test_a_message_told_again_counts_once_and_one_told_too_late_not_at_all(limits: Limits) -> None:
    await limits.put_limit(BUDGET)
    await limits.put_limit(RATE)
    asks = (
        Ask(limit="budget", subject="default/app", want=0, over=MILLION),
        Ask(limit="rate", subject="key_1", want=0, need=10),
    )
    message = LeaseShares(gateway="g1", told="001", asks=asks)
    answer = await limits.lease(message)
    assert await limits.lease(message) == answer
    assert (await stands(limits, "budget")).used == 1.0
    await limits.lease(LeaseShares(gateway="g1", told="002", asks=()))
    with pytest.raises(ConflictError, match="has told something after 001"):
        await limits.lease(message)


async def test_a_rate_gives_its_burst_and_then_one_after_the_other(limits: Limits, house: SmallHouse) -> None:
    await limits.put_limit(RATE)
    first = await lease(limits, "g1", "01", Ask(limit="rate", subject="k", want=0, need=60))
    assert (first.granted, first.left) == (60, 0)
    refused = await lease(limits, "g1", "02", Ask(limit="rate", subject="k", want=0, lease="01", used=60, need=1))
    assert (refused.granted, refused.retry_after_s) == (0, pytest.approx(1.0, abs=0.01))
    house.clock.advance(2.5)
    again = await lease(limits, "g1", "03", Ask(limit="rate", subject="k", want=100))
    assert again.granted == 1  # half of the two that came back, for one gateway
    assert again.resets_at == pytest.approx(house.clock.now() + 58.5, abs=0.01)


async def test_places_of_a_gateway_that_died_come_back_after_lease_and_skew(limits: Limits, house: SmallHouse) -> None:
    await limits.put_limit(Limit(name="at-once", scope="house", measure="concurrency", amount=3, period="none"))
    took = await lease(limits, "g1", "1", Ask(limit="at-once", subject="house", want=0, need=3))
    assert (took.granted, took.until) == (3, house.clock.now() + 10.0)
    house.clock.advance(11.9)
    assert (await lease(limits, "g2", "1", Ask(limit="at-once", subject="house", want=0, need=1))).granted == 0
    house.clock.advance(0.2)
    assert (await lease(limits, "g2", "2", Ask(limit="at-once", subject="house", want=0, need=1))).granted == 1


async def test_a_budget_presumes_used_what_nobody_settled_until_it_is_told(limits: Limits, house: SmallHouse) -> None:
    await limits.put_limit(BUDGET)
    share = await lease(limits, "g1", "1", Ask(limit="budget", subject="default/app", want=0, need=3 * MILLION))
    house.clock.advance(60)
    standing = await stands(limits, "budget")
    assert (standing.used, standing.held) == (3.0, 0.0)
    late = Ask(limit="budget", subject="default/app", want=0, lease=share.lease, used=MILLION, keep=MILLION)
    await lease(limits, "g1", "2", late)
    standing = await stands(limits, "budget")
    assert (standing.used, standing.held) == (1.0, 1.0)


async def test_a_month_begins_anew(limits: Limits, house: SmallHouse) -> None:
    await limits.put_limit(BUDGET)
    await lease(limits, "g1", "1", Ask(limit="budget", subject="default/app", want=0, over=5 * MILLION))
    standing = await stands(limits, "budget")
    assert standing.state == "reached"
    house.clock.advance(standing.resets_at - house.clock.now())
    fresh = await lease(limits, "g1", "2", Ask(limit="budget", subject="default/app", want=0, need=5 * MILLION))
    assert fresh.granted == 5 * MILLION


async def test_a_forecast_goes_on_as_it_has_gone(limits: Limits, house: SmallHouse) -> None:
    await limits.put_limit(replace(BUDGET, period="day", scope="tenant"))
    house.clock.advance(86_400 - house.clock.now() % 86_400 + 21_600)  # six in the morning
    await lease(limits, "g1", "1", Ask(limit="budget", subject="default", want=0, over=MILLION))
    assert (await stands(limits, "budget")).forecast == pytest.approx(4.0)


async def test_a_warning_is_said_once_a_period_for_each_share(limits: Limits, house: SmallHouse) -> None:
    await limits.put_limit(replace(BUDGET, edge="soft", warn_at=(0.5, 1.0)))
    async with house.events.subscribe([LIMIT_WARNED], group="t") as facts, house.relaying():
        for number, dollars in enumerate((2, 1, 1, 3)):
            await lease(
                limits, "g1", str(number), Ask(limit="budget", subject="default/app", want=0, over=dollars * MILLION)
            )
        bodies = [(await anext(facts)).fact.body for _ in range(2)]
    assert ['"share":0.5' in bodies[0], '"share":1.0' in bodies[1]] == [True, True]
    assert (await stands(limits, "budget")).used == 7.0


async def test_a_raised_limit_warns_anew(limits: Limits, house: SmallHouse) -> None:
    budget = await limits.put_limit(replace(BUDGET, edge="soft", warn_at=(0.8,)))
    subject = "default/app"

    async def use(told: str, dollars: int) -> None:
        await lease(limits, "g1", told, Ask(limit="budget", subject=subject, want=0, over=dollars * MILLION))

    async with house.events.subscribe([LIMIT_WARNED], group="t") as facts, house.relaying():
        await use("1", 4)
        assert '"share":0.8' in (await anext(facts)).fact.body
        await limits.put_limit(replace(budget, amount=10.0))
        await use("2", 1)
        await limits.put_limit(replace(budget, amount=9.0))  # lowered: what was said still stands
        await use("3", 3)
        assert '"share":0.8' in (await anext(facts)).fact.body
    await limits.delete_limit(NameLimit(name="budget"))


async def test_a_limit_for_others_than_before_begins_unused_and_shows_nothing_of_them(limits: Limits) -> None:
    everybodys = Limit(name="quota", scope="project", measure="tokens", amount=9, period="day")
    await limits.put_limit(everybodys)
    for number, subject in enumerate(("blue/web", "red/web")):
        await lease(limits, f"g{number}", "1", Ask(limit="quota", subject=subject, want=0, over=3))
    await limits.put_limit(replace(everybodys, subject="red/web"))
    assert [one.subject for one in (await limits.standing(GetStanding())).items] == ["red/web"]
    assert (await stands(limits, "quota")).used == 3
    await limits.put_limit(replace(everybodys, tenant="red"))
    with caller("red"):
        assert (await limits.standing(GetStanding())).items == ()  # above all, nothing of blue
    await limits.put_limit(replace(everybodys, scope="key"))
    assert (await limits.standing(GetStanding())).items == ()


async def test_a_changed_amount_keeps_what_was_used_and_a_changed_measure_does_not(limits: Limits) -> None:
    await limits.put_limit(BUDGET)
    await lease(limits, "g1", "1", Ask(limit="budget", subject="default/app", want=0, over=4 * MILLION))
    await limits.put_limit(replace(BUDGET, amount=8.0))
    assert (await stands(limits, "budget")).used == 4.0
    await limits.put_limit(replace(BUDGET, measure="tokens", amount=100))
    assert (await limits.standing(GetStanding(limit="budget"))).items == ()


async def test_an_admin_of_a_tenant_sees_and_sets_its_own_limits_only(limits: Limits) -> None:
    await limits.put_limit(replace(BUDGET, name="theirs", tenant="other"))
    await limits.put_limit(replace(RATE, name="of-the-house"))
    with caller("acme"):
        mine = await limits.put_limit(Limit(name="mine", scope="tenant", measure="tokens", amount=9, period="day"))
        assert (mine.tenant, mine.subject) == ("acme", "acme")
        assert [limit.name for limit in (await limits.limits(ListLimits())).items] == ["mine"]
        assert [standing.limit.name for standing in (await limits.standing(GetStanding())).items] == ["mine"]
        with pytest.raises(NotFoundError):
            await limits.delete_limit(NameLimit(name="theirs"))
        for foreign in (
            replace(RATE, scope="house"),
            replace(RATE, tenant="other"),
            replace(RATE, scope="tenant", subject="other"),
            replace(RATE, scope="project", subject="other/app"),
        ):
            with pytest.raises(ForbiddenError):
                await limits.put_limit(foreign)
        with pytest.raises(ForbiddenError):
            await limits.limits(ListLimits(tenant="other"))
    with caller("acme", house=True):
        assert len((await limits.limits(ListLimits())).items) == 3


async def test_each_tenant_has_names_of_its_own_which_tell_nothing_of_others(limits: Limits) -> None:
    theirs = replace(BUDGET, name="budget", tenant="other")
    given = replace(RATE, name="given", tenant="acme")
    for one in (theirs, given, replace(RATE, name="of-the-house")):
        await limits.put_limit(one)
    own = Limit(name="budget", scope="tenant", measure="tokens", amount=9, period="day")
    with caller("acme"):
        for name in ("budget", "of-the-house", "free"):
            assert (await limits.put_limit(replace(own, name=name))).name == name
        assert (await limits.put_limit(replace(own, name="given"))).name == "given"
        names = [one.name for one in (await limits.limits(ListLimits())).items]
        assert sorted(names) == ["budget", "free", "given", "of-the-house"]
        standing = (await limits.standing(GetStanding(limit="budget"))).items
        assert [(one.limit.name, one.subject) for one in standing] == [("budget", "acme")]
        assert (await limits.put_limit(replace(own, amount=10))).amount == 10
        await limits.delete_limit(NameLimit(name="of-the-house"))
        with pytest.raises(NotFoundError):
            await limits.delete_limit(NameLimit(name="of-the-house"))
    kept = {one.name: one for one in (await limits.limits(ListLimits())).items}
    assert set(kept) == {"acme/budget", "acme/free", "budget", "given", "of-the-house"}
    assert (kept["budget"], kept["given"].measure) == (theirs, "tokens")
    with caller("default", house=True):
        again = await limits.put_limit(replace(kept["acme/budget"], amount=11))
        assert (again.name, again.amount) == ("acme/budget", 11)
        await limits.delete_limit(NameLimit(name="acme/budget"))
        with pytest.raises(InvalidError):
            await limits.put_limit(replace(own, name="acme/x", tenant="other", subject="other"))


async def test_the_people_of_one_tenant_take_up_no_more_than_their_share(house: SmallHouse, binding: Binding) -> None:
    things = {LimitsSettings: LimitsSettings(max_limits=4), SharedAllowances: SharedAllowances()}
    async with opened(COMPONENT, house, binding, things) as limits:
        with caller("acme"):
            for number in range(2):
                await limits.put_limit(replace(BUDGET, name=f"l{number}", tenant="", subject=""))
            with pytest.raises(LimitedError, match=r"has 2 limits already \(\[limits\] tenant_share of max_limits\)"):
                await limits.put_limit(replace(BUDGET, name="more", tenant="", subject=""))
        with caller("other"):
            await limits.put_limit(replace(BUDGET, name="l0", tenant="", subject=""))
        await limits.put_limit(replace(BUDGET, name="given", tenant="acme"))


async def test_past_requests_are_decided_again(limits: Limits) -> None:
    def past(number: int, at: float, **more: object) -> PastRequest:
        told = PastRequest(
            id=f"r{number}",
            at=at,
            took_s=5.0,
            key="k",
            principal="p",
            project="app",
            tenant="default",
            model="m",
            input_tokens=10,
            output_tokens=10,
            cost=MILLION,
        )
        return replace(told, **more)

    requests = (past(0, 100.0), past(1, 101.0), past(2, 102.0, model="other"), past(3, 106.0), past(4, 100.5, key="j"))
    tried = (
        Limit(name="one-at-once", scope="key", measure="concurrency", amount=1, period="none", models=("m",)),
        Limit(name="dear", scope="project", measure="cost", amount=3.0, period="day"),
    )
    replayed = await limits.replay(ReplayLimits(limits=tried, requests=requests))
    assert replayed.refused_by == ("", "one-at-once", "", "dear", "")


async def test_an_unknown_limit_is_told_as_such_and_does_not_spoil_the_rest(limits: Limits) -> None:
    await limits.put_limit(RATE)
    asks = (Ask(limit="gone", subject="k", want=1), Ask(limit="rate", subject="k", want=0, need=1))
    first, second = (await limits.lease(LeaseShares(gateway="g", told="1", asks=asks))).items
    assert (first.unknown, second.granted) == (True, 1)


async def test_a_sweep_learns_of_limits_that_another_process_put(house: SmallHouse) -> None:
    things = {LimitsSettings: LimitsSettings(sweep_s=0.02), SharedAllowances: SharedAllowances()}
    async with opened(COMPONENT, house, "direct", things) as one, opened(COMPONENT, house, "direct", things) as other:
        await other.put_limit(RATE)
        numbers = iter(range(10**6))

        async def known() -> bool:
            return not (await lease(one, "g", f"{next(numbers):09}", Ask(limit="rate", subject="k", want=1))).unknown

        await eventually(known)
