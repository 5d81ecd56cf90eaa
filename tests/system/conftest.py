"""Whole houses, started by the command that a user types."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.house import TEST_WITHIN_S, House


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the starts of houses time on a busy machine; whatever is waited for ends with words long before."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(TEST_WITHIN_S))


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with the demo models, ready to answer; for tests that leave nothing behind by which others could fall."""
    with House(tmp_path_factory.mktemp("house")) as started:
        started.wait_for_models("tulou-demo", "all-minilm-l6-v2")
        yield started
