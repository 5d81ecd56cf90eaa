"""One house for a test, reached through each binding in turn."""

from collections.abc import AsyncGenerator

import pytest

from tests.contracts.bindings import BINDINGS, Binding
from tulou.testing.house import SmallHouse, open_house

SERVICES = ("identity", "jobs", "metering", "registry")


@pytest.fixture(params=BINDINGS)
def binding(request: pytest.FixtureRequest) -> Binding:
    return request.param


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(*(f"tulou.services.{name}.migrations" for name in SERVICES)) as small:
        yield small
