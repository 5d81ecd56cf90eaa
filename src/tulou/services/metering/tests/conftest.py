"""A ledger in a small house."""

from collections.abc import AsyncGenerator

import pytest

from tulou.services.metering.tests.ledgers import Ledger
from tulou.testing.house import SmallHouse, open_house


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.metering.migrations") as opened:
        yield opened


@pytest.fixture
def ledger(house: SmallHouse) -> Ledger:
    return Ledger(house.database, house.outbox, house.clock)
