"""Both keepers of allowances: the control process, over its contract and over HTTP, and Redis."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.adapters.redis.allowances import RedisAllowances
from tulou.adapters.redis.connection import connect
from tulou.adapters.sql.postgres import open_postgres
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.events import LIMIT_WARNED
from tulou.contracts.limits.messages import Ask, GetStanding, LeaseShares, Limit, NameLimit
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.allowances import Allowances, SharedAllowances
from tulou.services.gateway.quota.control import ControlAllowances
from tulou.services.limits.component import COMPONENT
from tulou.services.limits.settings import LimitsSettings
from tulou.testing.conformance.allowances import BRIEF_S, SKEW_S, AllowancesSuite, Declare, Speaker, limit
from tulou.testing.eventually import eventually
from tulou.testing.house import SmallHouse, open_house
from tulou.testing.servers.postgres import PostgresServer
from tulou.testing.servers.redis import RedisServer

DAY_S = 86_400.0
SET_BACK = """
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  for _, name in ipairs(redis.call('HKEYS', key)) do
    local times = ({at = '^(%s*)(%S+)(.*)$', seen = '^(%s*)(%S+)(.*)$'})[name] or '^(%S+ )(%S+)(.*)$'
    local before, time, after = string.match(redis.call('HGET', key, name), times)
    if time then
      redis.call('HSET', key, name, before .. string.format('%.6f', time + ARGV[2]) .. after)
    end
  end
end
"""


@asynccontextmanager
async def control(
    house: SmallHouse, binding: Binding, shared: Allowances | None = None, *, lease_s: float, sweep_s: float = 2.0
) -> AsyncGenerator[Limits]:
    """Open the limits service, on a clock that runs."""
    settings = LimitsSettings(lease_s=lease_s, skew_s=SKEW_S, sweep_s=sweep_s)
    things = {LimitsSettings: settings, SharedAllowances: SharedAllowances(shared), Clock: SystemClock()}
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


async def set_back(url: str, by_s: float) -> None:
    """Have all that a server keeps been told by a clock that went before its own by so much."""
    client, prefix = connect(url)
    await client.register_script(SET_BACK)(args=[f"{prefix}:limits:account:*", by_s])
    await client.aclose(close_connection_pool=True)


class TestControl(AllowancesSuite):
    @pytest.fixture
    async def house(self) -> AsyncGenerator[SmallHouse]:
        async with open_house("tulou.services.limits.migrations") as small:
            yield small

    @pytest.fixture(params=["direct", "http"])
    async def limits(self, house: SmallHouse, request: pytest.FixtureRequest, lease_s: float) -> AsyncGenerator[Limits]:
        async with control(house, request.param, lease_s=lease_s) as reached:
            yield reached

    @pytest.fixture
    def allowances(self, limits: Limits) -> Allowances:
        return ControlAllowances(limits)

    @pytest.fixture
    def declare(self, limits: Limits) -> Declare:
        async def declare(limit: Limit) -> None:
            await limits.put_limit(limit)

        return declare


class TestControlOnPostgres(TestControl):
    @pytest.fixture
    async def house(self, postgres: PostgresServer) -> AsyncGenerator[SmallHouse]:
        async with open_house() as small, open_postgres(postgres.new_database(new_id("test"))) as database:
            await database.migrate([MIGRATIONS, "tulou.services.limits.migrations"])
            yield replace(small, database=database, outbox=Outbox(database, clock=small.clock))

    @pytest.fixture(params=["direct"])
    async def limits(self, house: SmallHouse, request: pytest.FixtureRequest, lease_s: float) -> AsyncGenerator[Limits]:
        async with control(house, request.param, lease_s=lease_s) as reached:
            yield reached


class TestRedis(AllowancesSuite):
    @pytest.fixture
    def url(self, redis: RedisServer) -> str:
        return f"{redis.url}?prefix={new_id('house')}"

    @pytest.fixture
    async def allowances(self, url: str, lease_s: float) -> AsyncGenerator[Allowances]:
        client, prefix = connect(url)
        allowances = RedisAllowances(client, prefix=prefix, url=url, lease_s=lease_s, skew_s=SKEW_S)
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

    @pytest.mark.parametrize(
        "changes", [{"period": "hour"}, {"period": "none", "measure": "concurrency"}, {"period": "day"}]
    )
    @pytest.mark.parametrize("lease_s", [BRIEF_S])
    async def test_a_server_whose_clock_was_set_back_holds_nothing_for_longer_than_before(
        self, allowances: Allowances, url: str, changes: dict[str, object]
    ) -> None:
        counted = limit(**changes)
        share = await Speaker(allowances, counted, "g1").ask(need=100)
        await set_back(url, 3 * DAY_S)
        two = Speaker(allowances, counted, "g2")
        answer = await two.ask(need=1)
        assert answer.granted == 0
        assert answer.resets_at <= share.resets_at + 3600.0

        async def presumed() -> bool:
            (level,) = await allowances.levels([counted])
            return level.held == 0

        await eventually(presumed)

    async def test_limits_are_looked_at_together_and_each_is_told_of(self, allowances: Allowances) -> None:
        many = [limit(name=f"limit-{number}") for number in range(450)]
        for used, one in enumerate(many[:3] + many[-3:]):
            await Speaker(allowances, one, one.name).ask(over=used + 1)
        await Speaker(allowances, many[0], "g2").ask(subject="t", over=7)
        levels = [(level.limit, level.subject, level.used) for level in await allowances.levels(many)]
        assert levels == [
            ("limit-0", "s", 1),
            ("limit-0", "t", 7),
            ("limit-1", "s", 2),
            ("limit-2", "s", 3),
            ("limit-447", "s", 4),
            ("limit-448", "s", 5),
            ("limit-449", "s", 6),
        ]

    async def test_two_houses_count_apart(self, allowances: Allowances, redis: RedisServer) -> None:
        quota = limit()
        await Speaker(allowances, quota, "g1").ask(over=100)
        client, prefix = connect(f"{redis.url}?prefix={new_id('other')}")
        other = RedisAllowances(client, prefix=prefix, url=redis.url)
        assert (await Speaker(other, quota, "g1").ask(need=100)).granted == 100
        await other.close()

    async def test_control_tells_how_limits_in_it_stand_and_warns_of_them(self, allowances: Allowances) -> None:
        quota = limit(warn_at=(0.5,))
        async with (
            open_house("tulou.services.limits.migrations") as house,
            control(house, "direct", allowances, lease_s=600.0, sweep_s=0.05) as limits,
            house.events.subscribe([LIMIT_WARNED], group="t") as warnings,
            house.relaying(),
        ):
            await limits.put_limit(quota)
            await Speaker(allowances, quota, "g1").ask(over=60, need=10)
            (standing,) = (await limits.standing(GetStanding())).items
            assert (standing.used, standing.held, standing.state) == (60.0, 10.0, "warning")
            assert (await anext(warnings)).fact.body == '{"name":"limit-1","subject":"s","share":0.5}'
            await limits.delete_limit(NameLimit(name=quota.name))
            assert (await allowances.levels([quota])) == []
