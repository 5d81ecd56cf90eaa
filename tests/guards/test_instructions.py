"""What a request costs does not creep up unnoticed."""

import sys
from collections.abc import Mapping

import pytest

from tests.guards import golden
from tests.guards.cost.instructions import GOLDEN, MORE, REQUESTS, VERSION, Counter, bounds, counted
from tulou.kernel.ids import new_id

PYTHON = "3.11"
"""The oldest that is supported, with which everything is tested: its bounds must be there."""


def test_the_python_that_everything_is_tested_with_has_its_bounds() -> None:
    assert {f"{PYTHON} {kind}" for kind in REQUESTS} <= golden.read(GOLDEN).keys()


async def test_a_request_takes_no_more_instructions_than_it_did() -> None:
    now = await counted()
    if not bounds():
        pytest.skip(f"no bounds for Python {VERSION}: it takes {dict(now)}; see docs/howto/guards.md")
    assert too_many(now, bounds()) == {}, (
        "find what was added to the way of a request; if it is worth its cost, "
        "`python -m tests.guards.cost.instructions` writes it down"
    )


def too_many(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, str]:
    """Return what has become dearer, in words."""
    return {
        kind: f"{count} instructions, {count / before[kind] - 1:+.1%}"
        for kind, count in now.items()
        if count > before[kind] * MORE
    }


def test_three_in_a_hundred_more_are_told_of() -> None:
    assert too_many({"whole": 103}, {"whole": 100}) == {}
    assert too_many({"whole": 104}, {"whole": 100}) == {"whole": "104 instructions, +4.0%"}
    assert too_many({"whole": 10}, {"whole": 100}) == {}


def test_only_instructions_of_the_product_are_counted() -> None:
    before = sys.gettrace()
    with Counter() as nothing:
        sorted(range(99), key=lambda number: -number)
    with Counter() as something:
        new_id("key")
    assert (nothing.count, sys.gettrace()) == (0, before)
    assert something.count > 10
