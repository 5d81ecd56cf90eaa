"""Limits in memory follow the table, whoever writes to it."""

from collections.abc import AsyncGenerator

import pytest

from tulou.contracts.limits.messages import Ask, LeaseShares, Limit, ListLimits
from tulou.ports.allowances import SharedAllowances
from tulou.services.limits import store
from tulou.services.limits.component import COMPONENT
from tulou.services.limits.service.definitions import PAGE, Definitions
from tulou.services.limits.settings import LimitsSettings
from tulou.services.limits.store import StoredLimit
from tulou.testing.house import SmallHouse, open_house


def limit(number: int, amount: float = 9) -> Limit:
    return Limit(name=f"limit-{number:05}", scope="key", measure="requests", amount=amount, period="minute")


async def put(house: SmallHouse, *limits: Limit) -> None:
    async with house.database.transaction() as tx:
        for one in limits:
            await store.put(tx, StoredLimit(limit=one, made_at=1.0))


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.limits.migrations") as small:
        yield small


async def test_a_round_finds_what_others_made_changed_and_removed(house: SmallHouse) -> None:
    await put(house, *(limit(number) for number in range(PAGE + 10)))
    definitions = Definitions(house.database)
    await definitions.read()
    assert len(definitions) == PAGE + 10
    kept = definitions["limit-00005"]

    await put(house, limit(0, amount=3), limit(PAGE + 20))
    async with house.database.transaction() as tx:
        await store.remove(tx, "limit-00007")
    assert len(await definitions.look()) == PAGE
    assert len(await definitions.look()) == 10

    assert len(definitions) == PAGE + 10
    assert definitions["limit-00000"].amount == 3
    assert "limit-00007" not in definitions
    assert definitions["limit-00005"] is kept


async def test_a_limit_that_another_process_made_counts_as_soon_as_a_gateway_asks_for_it(house: SmallHouse) -> None:
    things = {LimitsSettings: LimitsSettings(), SharedAllowances: SharedAllowances()}
    async with COMPONENT.build(house.provided(things)) as limits:
        await put(house, limit(1))
        ask = Ask(limit="limit-00001", subject="k", want=0, need=1)
        shares = await limits.lease(LeaseShares(gateway="g", told="1", asks=(ask,)))
        assert [(share.granted, share.unknown) for share in shares.items] == [(1, False)]
        assert len((await limits.limits(ListLimits())).items) == 1
