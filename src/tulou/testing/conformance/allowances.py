"""What every keeper of allowances must do."""

# ruff: noqa: S101, D102, PLR2004 - a suite of tests, whose names are sentences

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from tulou.contracts.limits.messages import Ask, LeaseShares, Limit, Share
from tulou.kernel.errors import ConflictError
from tulou.ports.allowances import Allowances
from tulou.rules.limits.terms import window
from tulou.testing.eventually import eventually

BRIEF_S = 1.5
SKEW_S = 0.5
"""What the adapter under test must be told."""
briefly = pytest.mark.parametrize("lease_s", [BRIEF_S])

Declare = Callable[[Limit], Awaitable[None]]


@dataclass(slots=True)
class Speaker:
    """A gateway of a test; tells one ask at a time."""

    allowances: Allowances
    limit: Limit
    name: str
    told: int = field(default=0)

    async def ask(self, *, subject: str = "s", **numbers: object) -> Share:
        self.told += 1
        ask = replace(Ask(limit=self.limit.name, subject=subject, want=0), **numbers)
        request = LeaseShares(gateway=self.name, told=f"{self.told:012}", asks=(ask,))
        return (await self.allowances.lease(request, {self.limit.name: self.limit})).items[0]


def limit(**changes: object) -> Limit:
    """Return a quota of 100 requests a month for each key, or as the changes say."""
    made = Limit(name="limit-1", scope="key", measure="requests", amount=100, period="month")
    return replace(made, **changes)


class AllowancesSuite:
    """Needs the fixtures `allowances` (empty, on a running clock, lending for `lease_s`) and `declare`, for limits."""

    @pytest.fixture
    def lease_s(self) -> float:
        """Long, so that no share runs out on a machine that is held up; brief where that is the point."""
        return 600.0

    async def test_what_is_granted_is_held_until_it_is_settled(self, allowances: Allowances, declare: Declare) -> None:
        await declare(quota := limit())
        one, two = Speaker(allowances, quota, "g1"), Speaker(allowances, quota, "g2")
        first = await one.ask(need=60)
        assert (first.granted, first.left) == (60, 40)
        assert (await two.ask(need=50)).granted == 40
        back = await one.ask(lease=first.lease, used=10, keep=20)
        assert (back.granted, back.left) == (20, 30)
        (level,) = await allowances.levels([quota])
        assert (level.limit, level.subject, level.used, level.held) == (quota.name, "s", 10, 60)

    async def test_shares_shrink_with_what_is_left(self, allowances: Allowances, declare: Declare) -> None:
        await declare(quota := limit())
        gateways = [Speaker(allowances, quota, f"g{number}") for number in range(2)]
        granted = [(await gateways[0].ask(subject="other", want=1)).granted]
        granted += [(await gateway.ask(want=100)).granted for gateway in gateways]
        assert granted == [1, 50, 12]
        third = Speaker(allowances, quota, "g3")
        assert (await third.ask(need=38)).granted == 38
        assert (await third.ask(subject="other", want=100, need=1)).granted == 16

    async def test_the_last_units_are_not_given_to_whom_they_are_too_few(
        self, allowances: Allowances, declare: Declare
    ) -> None:
        await declare(quota := limit())
        one, two = Speaker(allowances, quota, "g1"), Speaker(allowances, quota, "g2")
        await one.ask(need=95)
        refused = await two.ask(need=20, least=20)
        assert (refused.granted, refused.left, refused.lease) == (0, 5, "")
        assert (await two.ask(need=20, least=3)).granted == 5

    async def test_what_is_lent_may_come_back_soon_and_what_is_used_at_the_end_of_the_window(
        self, allowances: Allowances, declare: Declare
    ) -> None:
        await declare(quota := limit())
        one, two = Speaker(allowances, quota, "g1"), Speaker(allowances, quota, "g2")
        share = await one.ask(need=95)
        lent = await two.ask(need=20, least=20)
        assert 0 < lent.retry_after_s <= 1
        await one.ask(lease=share.lease, used=81)
        used = await two.ask(need=20, least=20)
        ends_at = window(quota.period, time.time())[1]
        assert used.retry_after_s == pytest.approx(ends_at - time.time(), abs=600)

    async def test_a_message_told_again_is_answered_as_it_was(self, allowances: Allowances, declare: Declare) -> None:
        await declare(quota := limit())
        ask = Ask(limit=quota.name, subject="s", want=0, over=7, need=5)
        request = LeaseShares(gateway="g1", told="1", asks=(ask,))
        answers = await asyncio.gather(*(allowances.lease(request, {quota.name: quota}) for _ in range(5)))
        assert len({answer.items for answer in answers}) == 1
        (level,) = await allowances.levels([quota])
        assert (level.used, level.held) == (7, 5)

    async def test_a_message_that_comes_too_late_is_refused(self, allowances: Allowances, declare: Declare) -> None:
        await declare(quota := limit())
        ask = Ask(limit=quota.name, subject="s", want=0, over=7)
        for told in ("1", "2"):
            await allowances.lease(LeaseShares(gateway="g1", told=told, asks=(ask,)), {quota.name: quota})
        with pytest.raises(ConflictError):
            await allowances.lease(LeaseShares(gateway="g1", told="1", asks=(ask,)), {quota.name: quota})
        (level,) = await allowances.levels([quota])
        assert level.used == 14

    @briefly
    async def test_a_quota_presumes_used_what_was_not_told_in_time_and_believes_a_late_word(
        self, allowances: Allowances, declare: Declare
    ) -> None:
        await declare(quota := limit())
        one = Speaker(allowances, quota, "g1")
        share = await one.ask(need=60)

        async def presumed() -> bool:
            (level,) = await allowances.levels([quota])
            return (level.used, level.held) == (60, 0)

        await eventually(presumed)
        late = await one.ask(lease=share.lease, used=5, keep=10)
        assert late.granted == 10
        (level,) = await allowances.levels([quota])
        assert (level.used, level.held) == (5, 10)

    @briefly
    async def test_places_of_a_silent_gateway_come_back(self, allowances: Allowances, declare: Declare) -> None:
        await declare(places := limit(measure="concurrency", amount=3, period="none"))
        one, two = Speaker(allowances, places, "g1"), Speaker(allowances, places, "g2")
        assert (await one.ask(need=3)).granted == 3
        assert (await two.ask(need=1)).granted == 0

        async def came_back() -> bool:
            return (await two.ask(need=3)).granted == 3

        await eventually(came_back)

    async def test_a_rate_gives_its_burst_and_then_drains(self, allowances: Allowances, declare: Declare) -> None:
        await declare(rate := limit(amount=20, period="second"))
        one = Speaker(allowances, rate, "g1")
        share = await one.ask(need=20)
        assert (share.granted, share.left) == (20, 0)
        used = await one.ask(lease=share.lease, used=20, need=1)
        assert (used.granted, used.left) == (0, 0)
        assert 0 < used.retry_after_s <= 0.051

        async def drained() -> bool:
            return (await one.ask(need=1)).granted == 1

        await eventually(drained)

    @briefly
    async def test_a_rate_counts_as_used_what_a_dead_gateway_held(
        self, allowances: Allowances, declare: Declare
    ) -> None:
        await declare(rate := limit(amount=20, period="hour"))
        one, two = Speaker(allowances, rate, "g1"), Speaker(allowances, rate, "g2")
        await one.ask(need=19)

        async def presumed() -> bool:
            (level,) = await allowances.levels([rate])
            return (level.used, level.held) == (19, 0)

        await eventually(presumed)
        share = await two.ask(need=9)
        assert share.granted == 1

    async def test_a_window_ends_when_the_calendar_says(
        self, allowances: Allowances, declare: Declare, lease_s: float
    ) -> None:
        for name, period in (("limit-day", "day"), ("limit-month", "month")):
            await declare(quota := limit(name=name, period=period))
            request = LeaseShares(gateway=name, told="1", asks=(Ask(limit=name, subject="s", want=1),))
            shares = await allowances.lease(request, {name: quota})
            assert shares.items[0].resets_at == window(quota.period, shares.at)[1]
            assert shares.items[0].until <= shares.at + lease_s + 0.001

    async def test_a_soft_limit_counts_and_never_ends(self, allowances: Allowances, declare: Declare) -> None:
        await declare(soft := limit(edge="soft", amount=10))
        one = Speaker(allowances, soft, "g1")
        assert (await one.ask(over=50, need=7)).granted == 7
        (level,) = await allowances.levels([soft])
        assert (level.used, level.held) == (50, 7)

    async def test_large_amounts_stay_exact(self, allowances: Allowances, declare: Declare) -> None:
        await declare(budget := limit(measure="cost", amount=1e9))
        one = Speaker(allowances, budget, "g1")
        share = await one.ask(need=999_999_999_999_999)
        assert (share.granted, share.left) == (999_999_999_999_999, 1)
        await one.ask(lease=share.lease, used=123_456_789_012_345)
        (level,) = await allowances.levels([budget])
        assert level.used == 123_456_789_012_345

    async def test_gateways_that_ask_at_once_are_never_granted_more_than_there_is(
        self, allowances: Allowances, declare: Declare
    ) -> None:
        await declare(quota := limit())
        gateways = [Speaker(allowances, quota, f"g{number}") for number in range(8)]
        shares = await asyncio.gather(*(one.ask(want=9, need=3) for one in gateways))
        assert sum(share.granted for share in shares) <= 100
        more = await asyncio.gather(*(Speaker(allowances, quota, f"h{number}").ask(need=50) for number in range(8)))
        held = sum(share.granted for share in (*shares, *more))
        assert held <= 100

    async def test_one_that_is_not_known_does_not_spoil_the_others(
        self, allowances: Allowances, declare: Declare
    ) -> None:
        await declare(quota := limit())
        asks = (Ask(limit="gone", subject="s", want=1), Ask(limit=quota.name, subject="s", want=0, need=1))
        request = LeaseShares(gateway="g1", told="1", asks=asks)
        shares = await allowances.lease(request, {quota.name: quota})
        assert [(share.unknown, share.granted) for share in shares.items] == [(True, 0), (False, 1)]

    @pytest.mark.parametrize("absurd", [{"used": -1}, {"over": 10**30}, {"keep": 2**63}, {"want": -5}, {"least": -1}])
    async def test_an_ask_that_cannot_be_is_refused_by_itself_and_spoils_no_other(
        self, allowances: Allowances, declare: Declare, absurd: dict[str, int]
    ) -> None:
        await declare(quota := limit())
        good = Ask(limit=quota.name, subject="s", want=0, need=1)
        bad = replace(Ask(limit=quota.name, subject="t", want=0), **absurd)
        request = LeaseShares(gateway="g1", told="1", asks=(bad, good, good))
        first = await allowances.lease(request, {quota.name: quota})
        again = await allowances.lease(request, {quota.name: quota})
        for shares in (first, again):
            assert [bool(share.refused) for share in shares.items] == [True, False, True]
            assert [share.granted for share in shares.items] == [0, 1, 0]

    async def test_the_largest_amounts_are_counted_for_as_long_as_they_come(
        self, allowances: Allowances, declare: Declare
    ) -> None:
        await declare(quota := limit(edge="soft"))
        await declare(rate := limit(name="limit-2", edge="soft", period="second"))
        for counted in (quota, rate):
            one = Speaker(allowances, counted, f"g-{counted.name}")
            for _ in range(12):
                share = await one.ask(over=10**18)
                assert (share.refused, share.left) == ("", 100)

    async def test_who_shares_is_counted(self, allowances: Allowances, declare: Declare) -> None:
        await declare(quota := limit())
        seen: list[int] = []
        for number in range(3):
            request = LeaseShares(gateway=f"g{number}", told="1", asks=())
            seen.append((await allowances.lease(request, {quota.name: quota})).gateways)
        assert seen == [1, 2, 3]

    async def test_what_is_forgotten_begins_anew(self, allowances: Allowances, declare: Declare) -> None:
        await declare(quota := limit())
        await Speaker(allowances, quota, "g1").ask(over=100)
        await allowances.forget(quota.name)
        await declare(quota)
        assert (await Speaker(allowances, quota, "g2").ask(need=100)).granted == 100
