"""Quantiles by linear interpolation."""

import math

import pytest

from tulou.services.observability.domain.histogram import quantile

BUCKETS = {0.1: 10.0, 0.5: 30.0, 1.0: 40.0, math.inf: 40.0}


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.125, 0.05), (0.25, 0.1), (0.5, 0.3), (0.75, 0.5), (0.875, 0.75), (1.0, 1.0)],
)
def test_a_quantile_lies_inside_its_bucket_in_proportion(share: float, expected: float) -> None:
    assert quantile(share, BUCKETS) == pytest.approx(expected)


def test_nothing_observed_has_no_quantile() -> None:
    assert quantile(0.5, {}) is None
    assert quantile(0.5, {0.1: 0.0, math.inf: 0.0}) is None


def test_beyond_the_last_bound_the_answer_is_that_bound() -> None:
    assert quantile(0.95, {0.1: 1.0, math.inf: 10.0}) == 0.1
