"""What stands in a file of somebody else is read or refused, never a failure of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.chassis.yaml_reader import read_yaml
from tulou.kernel.errors import InvalidError

ODD = [
    "!!bool maybe",
    "!!int ''",
    "!!timestamp never",
    "2026-13-45",
    "0x_",
    "[" * 20_000,
    "9" * 5_000,
    "? [a]\n: 1",
    "!!python/object/apply:os.system ['id']",
    "<<: 5",
    "\ud800",
    "a: \0",
    "\t- x",
    "a: &a 1\nb: &a 2\n<<: *c",
]


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_value_is_refused_by_the_name_of_its_file(text: str) -> None:
    with pytest.raises(InvalidError, match=r"^prices\.yaml is not YAML"):
        read_yaml(text, name="prices.yaml")


@given(st.text(st.sampled_from("!&*<>?:-[]{}|#%@`'\"ab01._~ \n\t")))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_yaml(text, name="x")
    except InvalidError as error:
        assert str(error).startswith("x is not YAML")  # noqa: PT017 - most texts are one or the other
