"""The strict vendor, a house before it, and each client's run: once, since it takes seconds to start some of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.house import drive, furnished
from tests.clients.table import Client, Told
from tests.clients.vendor.server import Vendor, vendor
from tests.system.house import TEST_WITHIN_S, House


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the starts of a house and of clients time on a busy machine."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(TEST_WITHIN_S))


@pytest.fixture(scope="package")
def behind() -> Iterator[Vendor]:
    """The vendor."""
    with vendor() as running:
        yield running


@pytest.fixture(scope="package")
def house(behind: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a model at each dialect of the vendor."""
    with furnished(tmp_path_factory.mktemp("clients") / "var", behind) as started:
        yield started


@pytest.fixture(scope="package")
def told(house: House, behind: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Client], Told]:
    """Return what a client's driver told, by model and feature."""
    runs: dict[str, Told] = {}

    def run(client: Client) -> Told:
        if client.name not in runs:
            home = tmp_path_factory.mktemp(client.name)
            runs[client.name] = drive(client.name, client.command, house, behind, home)
        return runs[client.name]

    return run
