"""Drills take their time: the full ones most of an hour. All are done to one house, one after the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.field import OWN
from tests.drills.stage import furnished
from tests.system.house import TEST_WITHIN_S, House


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a model at a vendor, and one of its own."""
    with furnished(tmp_path_factory.mktemp("drills") / "var") as started:
        started.wait_for_models(OWN)
        yield started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the starts of houses time on a busy machine; whatever is waited for ends with words long before."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(4 * TEST_WITHIN_S))
