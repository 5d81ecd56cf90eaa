"""A sharded dictionary is one, and its copies have nothing to do with it."""

from hypothesis import given
from hypothesis import strategies as st

from tulou.kernel.sharded import SMALL, Sharded

DEEDS = st.lists(st.tuples(st.sampled_from(("put", "pop", "copy")), st.integers(0, 40), st.integers(0, 9)), max_size=60)


@given(DEEDS, st.booleans())
def test_every_copy_is_what_it_was_made_to_be(deeds: list[tuple[str, int, int]], large: bool) -> None:  # noqa: FBT001 - drawn
    rest = {-number: 0 for number in range(1, SMALL + 1 if large else 2)}
    copies: list[tuple[Sharded[int, int], dict[int, int]]] = [(Sharded(rest.items()), dict(rest))]
    for deed, key, value in deeds:
        sharded, plain = copies[value % len(copies)]
        match deed:
            case "put":
                sharded.put(key, value)
                plain[key] = value
            case "pop":
                assert sharded.pop(key) == plain.pop(key, None)
            case _:
                copies.append((sharded.copy(), dict(plain)))
    for sharded, plain in copies:
        assert len(sharded) == len(plain)
        assert sorted(sharded.values()) == sorted(plain.values())
        assert all(sharded.get(key) == plain.get(key) for key in range(-3, 41))


def test_a_small_one_keeps_the_order_in_which_its_entries_came() -> None:
    numbers: list[int] = [3, 1, 2]
    sharded = Sharded((number, number) for number in numbers)
    sharded.put(0, 0)
    assert list(sharded.values()) == [3, 1, 2, 0]
