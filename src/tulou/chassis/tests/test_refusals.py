"""Refusals are counted by subject and minute, within caps, and each is told of once."""

import pytest

from tulou.chassis.refusals import OTHER, RefusalCounts, network_of
from tulou.testing.clock import ManualClock


def test_the_first_is_told_at_once_and_the_rest_as_one_number_when_the_minute_is_over() -> None:
    clock = ManualClock()
    refusals = RefusalCounts(clock, free=3)
    began = clock.now()
    verdicts = [refusals.count("10.0.0.1", "wrong") for _ in range(5)]
    assert [verdict.tell for verdict in verdicts] == [True, False, False, False, False]
    assert [verdict.wait_s > 0 for verdict in verdicts] == [False, False, False, True, True]
    assert refusals.take() == []
    clock.advance(60)
    assert refusals.take() == [("10.0.0.1", "wrong", 4, began, began)]
    assert refusals.take() == []
    assert refusals.count("10.0.0.1", "wrong") == (True, 0.0)


def test_a_flood_of_subjects_is_counted_together_and_those_of_most_by_name() -> None:
    clock = ManualClock()
    refusals = RefusalCounts(clock, free=1, subjects=100, told=5)
    for number in range(1000):
        refusals.count(f"10.0.{number}", "wrong")
    for _ in range(7):
        refusals.count("10.0.99", "wrong")
    clock.advance(61)
    found = {one.subject: one.times for one in refusals.take()}
    assert len(found) == 6
    assert found["10.0.99"] == 8
    assert sum(found.values()) == 1000 + 7 - 5
    assert OTHER in found


def test_what_goes_on_is_told_of_at_the_end() -> None:
    refusals = RefusalCounts(ManualClock())
    refusals.count("a", "wrong", times=3)
    assert [one.times for one in refusals.take(ending=True)] == [2]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("", ""),
        ("unix:" + "x" * 100, "unix:" + "x" * 59),
    ],
)
def test_what_a_client_has_for_sure_is_counted_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
