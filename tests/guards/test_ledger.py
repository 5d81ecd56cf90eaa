"""A thousand requests are answered, written down and counted as they were."""

from pathlib import Path

import pytest

from tests.guards import golden
from tests.guards.ledger.canned import PATHS
from tests.guards.ledger.replay import GOLDEN, replayed
from tests.guards.ledger.requests import REQUESTS, requests
from tests.guards.ledger.vendor import VERBS
from tests.guards.ledger.world import DEPLOYMENTS, KEYS

WRITE = "`python -m tests.guards.ledger.replay` writes it down"
SHOWN = 40


def test_the_requests_try_every_endpoint_key_model_and_turn() -> None:
    asked = list(requests())
    assert len(asked) == REQUESTS
    assert {one.endpoint for one in asked} == set(PATHS)
    assert {one.order.verb for one in asked} == set(VERBS)
    assert {one.key for one in asked} >= set(KEYS)
    assert {one.body["model"] for one in asked} >= set(DEPLOYMENTS)


@pytest.mark.timeout(600)
async def test_a_thousand_requests_are_answered_written_down_and_counted_as_they_were(tmp_path: Path) -> None:
    found = golden.difference(golden.read(GOLDEN), await replayed(tmp_path), demands={})
    report = "\n".join((*found.broken, *found.came)[:SHOWN])

    assert not found, f"if it is meant (docs/howto/guards.md), {WRITE}:\n{report}"
