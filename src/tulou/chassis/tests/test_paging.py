"""Pages of lists: each item is on one of them, however long they are, and only what was given out is a mark."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.chassis.paging import MARK_CAP, PAGE_CAP, check_limit, page_of, read_mark, unknown_mark, write_mark
from tulou.kernel.errors import InvalidError

MARKS = st.tuples(
    st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(codec="utf-8", min_codepoint=1))
)


def walk(items: Sequence[int], limit: int) -> list[tuple[int, ...]]:
    """Read a list to its end as a store does: one more than the page has, from behind the mark on."""
    pages: list[tuple[int, ...]] = []
    mark: int | None = -1
    while mark is not None:
        page = page_of([item for item in items if item > mark][: limit + 1], limit, lambda item: item)
        pages.append(page.items)
        mark = page.next
    return pages


@given(st.integers(0, 40), st.integers(1, 12))
def test_every_item_is_on_one_page_in_order_and_no_page_is_empty_but_that_of_an_empty_list(
    count: int, limit: int
) -> None:
    pages = walk(range(count), limit)

    assert [item for page in pages for item in page] == list(range(count))
    assert all(len(page) == limit for page in pages[:-1])
    assert pages == [()] or all(pages)


@pytest.mark.parametrize("limit", [0, -1, PAGE_CAP + 1])
def test_a_size_that_makes_no_sense_is_refused_with_the_sizes_there_are(limit: int) -> None:
    with pytest.raises(InvalidError, match=f"limit is {limit}; it may be 1 to {PAGE_CAP}") as refused:
        check_limit(limit)
    assert refused.value.param == "limit"


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_a_list_says_itself_how_long_its_pages_may_be(limit: int) -> None:
    check_limit(limit, most=1_000)

    with pytest.raises(InvalidError, match="1 to 1000"):
        check_limit(1_001, most=1_000)


@given(MARKS)
def test_a_mark_is_read_as_it_was_written_and_can_stand_in_an_address(place: tuple[float, str]) -> None:
    text = write_mark(place)

    assert text.replace("-", "").replace("_", "").isalnum()
    assert read_mark(text, tuple[float, str]) == place


@pytest.mark.parametrize(
    "text",
    [
        "!",
        "===",
        "a",
        "no mark",
        write_mark("of another list"),
        write_mark([1.0]),
        write_mark([1.0, "a\x00b"]),
        "é" * 9,
    ],
)
def test_what_was_given_out_for_no_page_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(InvalidError, match="take the `next` of the page before") as refused:
        read_mark(text, tuple[float, str])
    assert refused.value.param == "after"


def test_a_mark_longer_than_any_that_is_given_out_is_not_read_to_its_end() -> None:
    long = urlsafe_b64encode(b"[1.0," + b" " * MARK_CAP + b'"a"]').decode()

    with pytest.raises(InvalidError):
        read_mark(long, tuple[float, str])


def test_a_list_names_itself_where_the_mark_is_of_another() -> None:
    assert str(unknown_mark("this report")).startswith("after is no place in this report;")
