"""JSON with something wrong in it: types swapped, numbers that cannot be, names missing, lists in another order."""

import json
from typing import Any, cast

from hypothesis import strategies as st

Json = Any

JUNK: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([-1, 2**31, 2**63, 10**40, 0.5, 1e308, -1e308]),
    st.text(max_size=8),
    st.sampled_from(["x" * 70_000, "\0", "NaN", "1e400"]),
    st.just([]),
    st.just({}),
    st.sampled_from([json.loads("[" * depth + "]" * depth) for depth in (3, 200)]),
    st.dictionaries(st.sampled_from(["text", "type", "index", "usage", "error"]), st.integers(), max_size=2),
)


@st.composite
def mutated(draw: st.DrawFn, value: Json) -> Json:
    """Return a JSON value with one to four things wrong with it."""
    for _ in range(draw(st.integers(1, 4))):
        value = draw(_once(value))
    return value


@st.composite
def _once(draw: st.DrawFn, value: Json) -> Json:
    """Go down some way, and replace, drop, repeat or reorder what is there."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        return draw(_once_in_object(cast("dict[str, Json]", value)))
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        return draw(_once_in_list(cast("list[Json]", value)))
    return draw(JUNK)


@st.composite
def _once_in_object(draw: st.DrawFn, value: dict[str, Json]) -> Json:
    name = draw(st.sampled_from(sorted(value)))
    if not draw(st.integers(0, 7)):
        return {other: inner for other, inner in value.items() if other != name}
    return value | {name: draw(_once(value[name]))}


@st.composite
def _once_in_list(draw: st.DrawFn, value: list[Json]) -> Json:
    at = draw(st.integers(0, len(value) - 1))
    match draw(st.integers(0, 7)):
        case 0:
            return value[:at] + value[at + 1 :]
        case 1:
            return [*value, value[at]]
        case 2:
            return draw(st.permutations(value))
        case _:
            return [*value[:at], draw(_once(value[at])), *value[at + 1 :]]
