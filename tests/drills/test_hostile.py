"""A hostile tenant, or a stranger, does its worst: the modest tenant beside it has no failed request."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.attacks import ATTACKS, BY_NAME
from tests.drills.hostile import Drill, drill
from tests.drills.outcome import Outcome
from tests.drills.report import markdown, write
from tests.drills.size import size
from tests.system.house import House


@pytest.fixture(scope="module")
def outcomes() -> Iterator[list[Outcome]]:
    """Everything that came of attacks so far; it is told at the end, whatever failed."""
    found: list[Outcome] = []
    yield found
    sys.stdout.write(f"\n{markdown(found, size())}\n")
    if place := os.environ.get("TULOU_DRILLS_TABLE"):
        write(found, size(), Path(place))


@pytest.fixture(scope="module")
def opened(house: House) -> Iterator[Drill]:
    with drill(house, size()) as opened:
        yield opened


@pytest.mark.parametrize("name", [each.name for each in ATTACKS])
def test_a_modest_tenant_is_served_as_if_nobody_else_were_there(
    opened: Drill, outcomes: list[Outcome], name: str
) -> None:
    outcome = opened.run(BY_NAME[name])
    outcomes.append(outcome)

    assert outcome.troubles(size()) == []
