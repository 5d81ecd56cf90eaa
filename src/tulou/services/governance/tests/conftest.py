"""Governance in a small house."""

from collections.abc import AsyncGenerator

import pytest

from tulou.services.governance.component import COMPONENT
from tulou.services.governance.service import GovernanceService
from tulou.services.governance.settings import GovernanceSettings
from tulou.testing.house import SmallHouse, open_house


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house("tulou.services.governance.migrations") as opened:
        yield opened


@pytest.fixture
async def governance(house: SmallHouse) -> AsyncGenerator[GovernanceService]:
    async with COMPONENT.build(house.provided({GovernanceSettings: GovernanceSettings()})) as service:
        yield service
