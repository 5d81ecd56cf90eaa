"""An endpoint is one value: its facts are complete, and no table elsewhere lists endpoints by hand."""

from collections import Counter
from typing import get_args

from tulou.contracts.endpoints import ENDPOINTS, Endpoint, VendorEndpoint
from tulou.contracts.serving.messages import ServedTask


def test_every_endpoint_has_facts_in_the_order_of_their_names() -> None:
    assert tuple(ENDPOINTS) == get_args(Endpoint)
    assert [facts.name for facts in ENDPOINTS.values()] == list(ENDPOINTS)
    assert set(get_args(VendorEndpoint)) <= set(ENDPOINTS)


def test_no_two_endpoints_share_a_path() -> None:
    times = Counter(path for facts in ENDPOINTS.values() for path in facts.paths)
    assert [path for path, count in times.items() if count > 1 or not path.startswith("/")] == []


def test_models_of_every_task_can_be_asked_and_are_known_by_one_endpoint() -> None:
    known = [facts.known_for for facts in ENDPOINTS.values() if facts.known_for is not None]
    assert sorted(known) == sorted(get_args(ServedTask))
    assert all(facts.known_for is None or facts.known_for in facts.tasks for facts in ENDPOINTS.values())
