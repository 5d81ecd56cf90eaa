"""Identity in a small house."""

from collections.abc import AsyncGenerator

import pytest

from tulou.services.identity.service import IdentityService
from tulou.services.identity.settings import IdentitySettings
from tulou.testing.house import SmallHouse, open_house


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.identity.migrations") as opened:
        yield opened


@pytest.fixture
def identity(house: SmallHouse) -> IdentityService:
    return IdentityService(house.database, house.outbox, clock=house.clock, settings=IdentitySettings())
