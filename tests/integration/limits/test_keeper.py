"""A gateway's shares, against the real authority."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from tests.integration.limits.gateways import GRANT, OUTPUT, Gate, declare, gate, limit, reservation_of
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import GetStanding, Limit, Standing
from tulou.contracts.metering.messages import Units
from tulou.ports.allowances import SharedAllowances
from tulou.services.gateway.quota.control import ControlAllowances
from tulou.services.gateway.quota.refusals import (
    LimitsAwayError,
    QuotaError,
    QuotaUsedUpError,
    RateLimitedError,
    TooManyAtOnceError,
)
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.quota.settings import QuotaSettings
from tulou.services.limits.component import COMPONENT
from tulou.services.limits.settings import LimitsSettings
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house

MILLION = 1_000_000
PATIENT = QuotaSettings(ask_s=5.0)
HASTY = QuotaSettings(ask_s=0.05)


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.limits.migrations") as small:
        yield small


@pytest.fixture
async def limits(house: SmallHouse) -> AsyncGenerator[Limits]:
    things = {LimitsSettings: LimitsSettings(), SharedAllowances: SharedAllowances()}
    async with COMPONENT.build(house.provided(things)) as service:
        yield service


async def standing(limits: Limits, name: str = "limit") -> Standing:
    found = (await limits.standing(GetStanding(limit=name))).items
    assert found, "nothing is counted yet"
    return found[0]


async def served(one: Gate) -> bool:
    """Try a request; one that is refused is a matter of time."""
    try:
        return bool(await one.use())
    except (QuotaError, LimitsAwayError):
        return False


async def test_most_requests_ask_nobody(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(amount=10_000))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        for _ in range(1_000):
            await one.use()
            await asyncio.sleep(0)
        assert len(one.wire.heard) < 100


async def test_a_rate_lets_its_burst_through_and_says_when_to_come_back(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit())
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        for _ in range(10):
            await one.use()
        with pytest.raises(RateLimitedError, match="the limit 'limit' of 10 requests a minute") as refused:
            await one.use()
        assert refused.value.retry_after_s == pytest.approx(6.0, abs=0.1)
        house.clock.advance(6.1)
        await one.use()
        with pytest.raises(RateLimitedError):
            await one.use()


async def test_gateways_share_to_the_last_unit(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(period="day", amount=101))
    through = 0
    async with (
        gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one,
        gate(ControlAllowances(limits), house.clock, declared, PATIENT) as two,
    ):
        for number in range(120):
            try:
                await (one if number % 2 else two).use()
                through += 1
            except QuotaUsedUpError:
                before = [each.wire.answered for each in (one, two)]
                house.clock.advance(5.0)  # both speak up, and what lies idle elsewhere goes back
                await eventually(lambda before=before: one.wire.answered > before[0] and two.wire.answered > before[1])
            if through == 101:
                break
        assert through == 101
        for each in (one, two):
            with pytest.raises(QuotaUsedUpError, match="a day for this key is reached"):
                await each.use()


@pytest.mark.parametrize("tokens", [1, 3, 7, 9])
async def test_what_a_gateway_holds_and_what_is_left_serve_a_request_together(
    limits: Limits, house: SmallHouse, tokens: int
) -> None:
    declared = await declare(limits, limit(measure="output_tokens", period="day", amount=100))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        used = 0
        while used + OUTPUT <= 100:
            await one.use(tokens=tokens)
            used += tokens
        with pytest.raises(QuotaUsedUpError):
            await one.use(tokens=tokens)


@pytest.mark.parametrize(("tokens", "given"), [(100, 100), (200, 140), (9_000, 140)])
async def test_an_answer_of_unsaid_length_gets_what_is_left(
    limits: Limits, house: SmallHouse, tokens: int, given: int
) -> None:
    declared = await declare(limits, limit(measure="output_tokens", period="day", amount=1_000))
    settings = replace(PATIENT, output_tokens=10)
    async with gate(ControlAllowances(limits), house.clock, declared, settings) as one:
        one.allowed = 860
        call = await one.use(tokens=860)
        call.allowed = None
        keeper = one.keeper
        bounds = keeper.bounds(GRANT, "m", keeper.now())
        taken = keeper.take(bounds, call, keeper.now(), tokens) or await keeper.wait(bounds, call, tokens)
        assert taken.cap == given
        one.allowed = 141 - given
        with pytest.raises(QuotaUsedUpError):
            await one.use()


async def test_what_is_set_aside_is_corrected_by_what_was_used(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="tokens", period="day", amount=1_000))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        call = await one.pass_through()
        reservation_of(call).settle(Units(input=3, output=4), 0)
        reservation_of(call).settle(Units(input=300, output=400), 0)
        reservation_of(call).release()

        async def told() -> bool:
            house.clock.advance(0.6)
            now = await standing(limits)
            return (now.used, now.held) == (7.0, 0.0)

        await eventually(told)


async def test_what_is_released_counts_as_never_asked(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(amount=1))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        for _ in range(5):
            reservation_of(await one.pass_through()).release()
        await one.use()
        with pytest.raises(RateLimitedError):
            await one.use()


async def test_more_than_the_estimate_is_counted_all_the_same(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="output_tokens", period="day", amount=100))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        await one.use(tokens=95)
        with pytest.raises(QuotaUsedUpError, match="has 5 output tokens left; lower max_tokens"):
            await one.use()


async def test_a_request_that_asks_for_more_than_there_ever_is_is_told_so(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="tokens", amount=20))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        one.allowed = 500
        with pytest.raises(RateLimitedError, match="may take 517 tokens, more than the limit 'limit' of 20 tokens"):
            await one.use()
        one.allowed = None
        await one.use(tokens=3)


async def test_places_are_taken_and_given_back(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="concurrency", period="none", amount=2))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        first, second = await one.pass_through(), await one.pass_through()
        with pytest.raises(TooManyAtOnceError, match="2 requests at once"):
            await one.use()
        reservation_of(first).settle(Units(), 0)
        third = await one.pass_through()
        reservation_of(second).release()
        reservation_of(third).release()


async def test_places_of_requests_in_flight_outlive_the_lease(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="concurrency", period="none", amount=2))
    async with (
        gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one,
        gate(ControlAllowances(limits), house.clock, declared, PATIENT) as two,
    ):
        for _ in range(2):
            await one.pass_through()
        for _ in range(8):
            before = len(one.wire.heard)
            house.clock.advance(5.0)
            await eventually(lambda before=before: one.wire.answered > before)
        with pytest.raises(TooManyAtOnceError):
            await two.use()


async def test_a_soft_limit_only_counts(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(period="day", edge="soft", amount=3))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        for _ in range(8):
            await one.use()
        house.clock.advance(2.0)

        async def counted() -> bool:
            return (await standing(limits)).used == 8.0

        await eventually(counted)


async def test_the_tightest_limits_go_out_as_headers_also_when_they_refuse(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(
        limits,
        limit("wide", amount=1_000, scope="tenant"),
        limit("narrow", amount=1),
        limit("tokens", measure="tokens", amount=60_000),
    )
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        headers = dict((await one.use()).headers)
        assert headers[b"x-ratelimit-limit-requests"] == b"1"
        assert headers[b"x-ratelimit-remaining-requests"] == b"0"
        assert headers[b"x-ratelimit-reset-requests"] in (b"1m0s", b"60s")
        assert headers[b"x-ratelimit-limit-tokens"] == b"60000"
        assert int(headers[b"x-ratelimit-remaining-tokens"]) > 59_000
        with pytest.raises(RateLimitedError):
            await one.pass_through()
        assert dict(one.seen[-1].headers)[b"x-ratelimit-limit-requests"] == b"1"


async def test_while_nobody_can_be_asked_a_local_share_is_let_through(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(amount=10))
    async with (
        gate(ControlAllowances(limits), house.clock, declared, HASTY) as one,
        gate(ControlAllowances(limits), house.clock, declared, HASTY) as two,
    ):
        await two.use()
        await one.use()
        house.clock.advance(1.0)
        await eventually(lambda: len(two.wire.heard) > 1)  # it knows now that they are two
        for each in (one, two):
            each.wire.whole = False
        house.clock.advance(60.0)  # all shares have run out, and the rate is whole again
        through = 0
        for each in (one, two):
            for _ in range(20):
                with contextlib.suppress(RateLimitedError):
                    await each.use()
                    through += 1
        assert through == 10
        one.wire.whole = two.wire.whole = True

        async def caught_up() -> bool:
            house.clock.advance(0.01)
            return (await standing(limits)).used >= through - 1

        await eventually(caught_up)


@pytest.mark.parametrize(
    "refusing",
    [
        limit(away="refuse"),
        limit(measure="cost", period="month", amount=5.0),
    ],
)
async def test_while_nobody_can_be_asked_a_hard_budget_refuses(
    limits: Limits, house: SmallHouse, refusing: Limit
) -> None:
    declared = await declare(limits, refusing)
    async with gate(ControlAllowances(limits), house.clock, declared, HASTY) as one:
        one.wire.whole = False
        with pytest.raises(LimitsAwayError, match="cannot be checked now, and refuses then") as refused:
            await one.use()
        assert (refused.value.status, refused.value.limit) == (503, "limit")
        one.wire.whole = True
        await eventually(lambda: served(one))


async def test_a_limit_may_allow_everything_while_nobody_can_be_asked(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="cost", period="month", amount=5.0, away="allow"))
    async with gate(ControlAllowances(limits), house.clock, declared, HASTY) as one:
        one.wire.whole = False
        for _ in range(20):
            await one.use(cost=MILLION)
        one.wire.whole = True

        async def counted() -> bool:
            house.clock.advance(0.3)
            return (await standing(limits)).used == 20.0

        await eventually(counted)
        with pytest.raises(QuotaUsedUpError):
            await one.use()


async def test_a_quota_is_not_said_to_be_reached_because_nobody_answers(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="tokens", amount=1_000_000, period="day"))
    async with gate(ControlAllowances(limits), house.clock, declared, HASTY) as one:
        await one.use(tokens=36_000)
        assert (await standing(limits)).used < 1_000_000
        one.wire.answers = asyncio.Event()  # control stands still: it takes messages and says nothing
        through = 0
        for _ in range(60):
            house.clock.advance(0.25)
            with contextlib.suppress(LimitsAwayError):  # and nothing that says the quota is reached
                await one.use()
                through += 1
        one.wire.answers.set()
        assert through > 0


async def test_the_share_of_a_quota_that_is_used_up_while_nobody_answers_is_not_called_its_end(
    limits: Limits, house: SmallHouse
) -> None:
    declared = await declare(limits, limit(measure="tokens", amount=1_000_000, period="day"))
    async with gate(ControlAllowances(limits), house.clock, declared, HASTY) as one:
        await one.use(tokens=10)
        one.wire.whole = False
        house.clock.advance(60.0)
        one.allowed = 400_000
        for _ in range(2):
            await one.use(tokens=400_000)
        with pytest.raises(LimitsAwayError, match="share of it is used up") as refused:
            await one.use(tokens=400_000)
        assert (refused.value.status, refused.value.retry_after_s) == (503, 1.0)


async def test_a_request_that_leaves_while_it_waits_takes_nothing_with_it(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(amount=1))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        one.wire.whole = False
        waiting = [asyncio.create_task(one.pass_through()) for _ in range(5)]
        await asyncio.sleep(0)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        one.wire.whole = True
        await eventually(lambda: served(one))


async def test_a_reservation_that_nobody_ends_is_settled_at_its_estimate(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="output_tokens", period="month", amount=1_000))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        await one.pass_through()
        house.clock.advance(3_700)

        async def settled() -> bool:
            now = await standing(limits)
            house.clock.advance(0.3)
            return (now.used, now.held) == (10.0, 0.0)

        await eventually(settled)


async def test_limits_change_while_requests_run(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(amount=2, period="day"))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        running = await one.pass_through()
        one.keeper.compile(LimitRules(await declare(limits, limit(amount=3, period="day"))))
        await one.use()
        await one.use()
        with pytest.raises(QuotaError):
            await one.use()
        one.keeper.compile(LimitRules())
        reservation_of(running).settle(Units(), 0)
        assert (await one.pass_through()).reservation is None


async def test_subjects_are_forgotten_when_there_are_too_many(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(period="day", edge="soft"))
    settings = QuotaSettings(ask_s=5.0, subjects=10)
    async with gate(ControlAllowances(limits), house.clock, declared, settings) as one:
        for number in range(50):
            await one.use(grant=replace(GRANT, key=f"key_{number}"))
        house.clock.advance(2.0)

        async def all_told() -> bool:
            house.clock.advance(0.3)
            return len((await limits.standing(GetStanding())).items) == 50 and one.keeper.accounts <= 10

        await eventually(all_told)
        assert {one.used for one in (await limits.standing(GetStanding())).items} == {1.0}


async def test_a_gateway_that_ends_gives_back_what_it_does_not_need(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(period="day", amount=100))
    async with gate(ControlAllowances(limits), house.clock, declared, PATIENT) as one:
        await one.use()
        await eventually(lambda: len(one.wire.heard) > 0)
    await one.keeper.close()
    now = await standing(limits)
    assert (now.used, now.held) == (1.0, 0.0)


async def test_a_share_is_not_spent_when_its_time_is_over(limits: Limits, house: SmallHouse) -> None:
    declared = await declare(limits, limit(measure="concurrency", period="none", amount=8, away="refuse"))
    async with gate(ControlAllowances(limits), house.clock, declared, HASTY) as one:
        await one.use()
        one.wire.whole = False
        house.clock.advance(9.9)
        await one.use()
        house.clock.advance(0.2)
        with pytest.raises(LimitsAwayError):
            await one.use()
