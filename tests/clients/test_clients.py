"""Real clients, unchanged, have every feature of theirs at vendors of every dialect."""

from collections.abc import Callable

import pytest

from tests.clients.table import CLIENTS, FEATURES, PAGE, Cell, Client, Told, cells, page
from tests.clients.vendor.server import Vendor
from tests.system.house import PATIENCE_S

LEFT_WITHIN_S = PATIENCE_S


@pytest.mark.parametrize("cell", list(cells()), ids=lambda cell: f"{cell.client.name}-{cell.feature}-{cell.model}")
def test_a_client_has_its_features_at_every_vendor(cell: Cell, told: Callable[[Client], Told], behind: Vendor) -> None:
    line = told(cell.client).get((cell.model, cell.feature))

    assert line is not None, "the client's driver has not tried it"
    assert "error" not in line, line["error"]
    if cell.feature == "cancel":
        assert behind.left(line["got"]["left"]).wait(LEFT_WITHIN_S), "the vendor goes on although its client left"
    else:
        assert line["got"] == cell.client.expected(cell.feature)


def test_the_page_about_clients_is_current() -> None:
    assert page() == PAGE.read_text("utf-8"), "`make clients` writes it"


def test_what_is_no_feature_of_a_client_is_said_with_its_reason() -> None:
    for client in CLIENTS:
        assert client.lacks.keys() | client.only.keys() <= FEATURES.keys()
        assert all(why for why in client.lacks.values())
