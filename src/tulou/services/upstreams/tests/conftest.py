"""Upstreams in a small house."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest

from tulou.adapters.credentials.references import References
from tulou.ports.credentials import Credentials
from tulou.ports.token_endpoint import TokenEndpoint
from tulou.services.upstreams.component import COMPONENT
from tulou.services.upstreams.service import UpstreamsService
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.services.upstreams.tests.google import FakeTokens
from tulou.testing.house import SmallHouse, open_house


@pytest.fixture
def environment() -> dict[str, str]:
    return {"VENDOR_KEY": "sk-from-the-environment"}


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(COMPONENT.migrations) as opened:
        yield opened


@pytest.fixture
def giver(house: SmallHouse) -> FakeTokens:
    """Return who gives tokens to service accounts."""
    return FakeTokens(house.clock)


@pytest.fixture
async def upstreams(
    house: SmallHouse, environment: Mapping[str, str], giver: FakeTokens
) -> AsyncGenerator[UpstreamsService]:
    settings = UpstreamsSettings(max_upstreams=5, max_credentials=3)
    things = {
        UpstreamsSettings: settings,
        Credentials: References(house.secrets, environment, directory=Path("/nowhere")),
        TokenEndpoint: giver,
    }
    async with COMPONENT.build(house.provided(things)) as service:
        yield service
