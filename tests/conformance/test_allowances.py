"""Both keepers of allowances: the control process, over its contract and over HTTP, and Redis."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.adapters.redis.allowances import RedisAllowances
from tulou.adapters.redis.connection import connect
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Ask, LeaseShares, Limit
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.allowances import Allowances, SharedAllowances
from tulou.services.gateway.quota.control import ControlAllowances
from tulou.services.limits.component import COMPONENT
from tulou.services.limits.settings import LimitsSettings
from tulou.testing.conformance.allowances import LEASE_S, SKEW_S, AllowancesSuite, Declare, Speaker, limit
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.servers.redis import RedisServer


class TestControl(AllowancesSuite):
    @pytest.fixture
    async def house(self) -> AsyncGenerator[SmallHouse]:
        async with open_house("tulou.services.limits.migrations") as small:
            yield small

    @pytest.fixture(params=["direct", "http"])
    async def limits(self, house: SmallHouse, request: pytest.FixtureRequest) -> AsyncGenerator[Limits]:
        binding: Binding = request.param
        settings = LimitsSettings(lease_s=LEASE_S, skew_s=SKEW_S)
        things = {LimitsSettings: settings, SharedAllowances: SharedAllowances(), Clock: SystemClock()}
        async with opened(COMPONENT, house, binding, things) as reached:
            yield reached

    @pytest.fixture
    def allowances(self, limits: Limits) -> Allowances:
        return ControlAllowances(limits)

    @pytest.fixture
    def declare(self, limits: Limits) -> Declare:
        async def declare(limit: Limit) -> None:
            await limits.put_limit(limit)

        return declare


class TestRedis(AllowancesSuite):
    @pytest.fixture
    def url(self, redis: RedisServer) -> str:
        return f"{redis.url}?prefix={new_id('house')}"

    @pytest.fixture
    async def allowances(self, url: str) -> AsyncGenerator[Allowances]:
        client, prefix = connect(url)
        allowances = RedisAllowances(client, prefix=prefix, url=url, lease_s=LEASE_S, skew_s=SKEW_S)
        yield allowances
        await allowances.close()

    @pytest.fixture
    def declare(self) -> Declare:
        async def nothing(limit: Limit) -> None:
            del limit

        return nothing

    async def test_a_server_that_crashed_is_found_again_with_what_it_counted(
        self, allowances: Allowances, redis: RedisServer
    ) -> None:
        quota = limit()
        request = LeaseShares(gateway="g1", told="1", asks=(Ask(limit=quota.name, subject="s", want=0, over=60),))
        await allowances.lease(request, {quota.name: quota})
        await asyncio.to_thread(redis.crash)
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
            await allowances.lease(request, {quota.name: quota})
        await asyncio.to_thread(redis.start)
        assert (await Speaker(allowances, quota, "g2").ask(need=50)).granted == 40

    async def test_two_houses_count_apart(self, allowances: Allowances, redis: RedisServer) -> None:
        quota = limit()
        await Speaker(allowances, quota, "g1").ask(over=100)
        client, prefix = connect(f"{redis.url}?prefix={new_id('other')}")
        other = RedisAllowances(client, prefix=prefix, url=redis.url)
        assert (await Speaker(other, quota, "g1").ask(need=100)).granted == 100
        await other.close()
