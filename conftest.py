"""Tests act as the house, as the work of its own processes does; what asks in somebody's name says so."""

from collections.abc import Generator

import pytest

from tulou.kernel.context import as_house


@pytest.fixture(autouse=True)
def _as_house() -> Generator[None]:
    with as_house("a test"):
        yield
