"""Numbers that others say: in their bounds, or none."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.kernel.errors import LimitedError
from tulou.kernel.numbers import COUNT_MAX, WAIT_MOST_S, bounded_float, bounded_int, bounded_wait, read_number

ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()))


@given(ANYTHING)
def test_whatever_is_said_a_count_is_a_whole_number_in_its_bounds_or_none(value: object) -> None:
    count = bounded_int(value)

    assert count is None or (type(count) is int and 0 <= count <= COUNT_MAX and count == value)


@given(ANYTHING)
def test_whatever_is_said_a_number_is_finite_and_in_its_bounds_or_none(value: object) -> None:
    number = bounded_float(value, least=-1.5, most=1e9)

    assert number is None or (type(number) is float and -1.5 <= number <= 1e9)


@pytest.mark.parametrize("value", [True, "7", 1.5, -1, 2**31, nan, inf, None, [7]])
def test_what_is_no_count_is_none(value: object) -> None:
    assert bounded_int(value) is None


@given(st.one_of(st.none(), st.floats()))
def test_whatever_is_said_a_wait_is_a_day_at_most_or_none(seconds: float | None) -> None:
    wait = LimitedError("slow down", retry_after_s=seconds).retry_after_s

    assert wait is None or 0 <= wait <= WAIT_MOST_S
    assert wait == bounded_wait(seconds)


@given(st.one_of(st.text(), st.binary(), st.sampled_from(["nan", "inf", "-inf", "1e400", "1_0", "٣", " 7 "])))
def test_whatever_a_header_says_it_is_a_finite_number_or_none(text: str | bytes) -> None:
    number = read_number(text)

    assert number is None or abs(number) < inf
