"""A whole house of its own for each test module, started by the command that a user types."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with the demo models, ready to answer."""
    with House(tmp_path_factory.mktemp("house")) as started:
        started.wait_for_models("tulou-demo", "all-minilm-l6-v2")
        yield started


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A house that a test may break."""
    with House(tmp_path / "house") as started:
        started.wait_for_models("tulou-demo")
        yield started
