"""A queue in a small house."""

from collections.abc import AsyncGenerator

import pytest

from tulou.services.jobs.service import JobsService
from tulou.services.jobs.settings import JobsSettings
from tulou.testing.house import SmallHouse, open_house


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.jobs.migrations") as opened:
        yield opened


@pytest.fixture
def queue(house: SmallHouse) -> JobsService:
    return JobsService(
        house.database, house.outbox, clock=house.clock, settings=JobsSettings(wait_s=0, keep_finished=2)
    )
