"""What people write is taken as it is meant, or refused with the place and the nearest name."""

from collections.abc import Mapping
from dataclasses import field

import pytest

from tulou.chassis.strict import strict
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message


@message
class Inner:
    name: str
    most: int = 0


@message
class Outer:
    items: tuple[Inner, ...] = ()
    one: Inner | None = None
    by_name: Mapping[str, Inner] = field(default_factory=dict[str, Inner])
    pairs: tuple[tuple[str, str], ...] = ()


def test_what_fits_becomes_the_message() -> None:
    value = {"items": [{"name": "a", "most": 2}], "by_name": {"x": {"name": "b"}}, "pairs": [["h", "v"]]}
    found = strict(value, Outer)
    assert found.items == (Inner(name="a", most=2),)
    assert found.by_name["x"].name == "b"
    assert found.pairs == (("h", "v"),)


WRONG: list[tuple[object, str]] = [
    ({"itmes": []}, "itmes: no such field; did you mean 'items'?"),
    ({"items": [{"name": "a"}, {"name": "b", "mots": 1}]}, "items[1].mots: no such field; did you mean 'most'?"),
    ({"one": {"name": "a", "q": 1}}, "one.q: no such field; there are most, name"),
    ({"by_name": {"x": {"nam": "b"}}}, "by_name.x.nam: no such field; did you mean 'name'?"),
    ({"items": [{"name": 3}]}, "items[0].name: Expected `str`, got `int`"),
    ({"items": [{}]}, "items[0]: Object missing required field `name`"),
    ([], "Expected `object`, got `array`"),
]


@pytest.mark.parametrize(("value", "words"), WRONG)
def test_what_does_not_fit_is_named_with_its_place(value: object, words: str) -> None:
    with pytest.raises(InvalidError) as refused:
        strict(value, Outer)
    assert str(refused.value) == words


def test_the_place_begins_where_the_value_was_found() -> None:
    with pytest.raises(InvalidError, match=r"^file\.toml\.items\[0\]\.most: Expected `int`, got `str`") as refused:
        strict({"items": [{"name": "a", "most": "2"}]}, Outer, where="file.toml")
    assert refused.value.param == "file.toml.items[0].most"
