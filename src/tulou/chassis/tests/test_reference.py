"""Settings described in words."""

from typing import Literal

from tulou.chassis.reference import Setting, markdown, settings
from tulou.kernel.message import message


@message
class KitchenSettings:
    """How the kitchen cooks.

    heat: how hot, one of the marks
        on the stove | or the pan
    `pots`: names of pots
    salt: whether there is any; note: it is always sea salt
    guests_s: how long guests wait, in seconds
    """

    heat: Literal["low", "high"] = "low"
    pots: tuple[str, ...] = ("big", "small")
    salt: bool = True
    guests_s: float | None = None
    cook: str


def test_each_field_is_told_with_its_type_default_and_meaning() -> None:
    heat, pots, salt, guests, cook = settings("kitchen", KitchenSettings)
    assert heat == Setting(
        table="kitchen",
        key="heat",
        kind="`low` or `high`",
        default='"low"',
        meaning="how hot, one of the marks on the stove | or the pan",
    )
    assert (pots.default, pots.meaning) == ('["big", "small"]', "names of pots")
    assert (salt.kind, salt.default, salt.meaning) == (
        "true or false",
        "true",
        "whether there is any; note: it is always sea salt",
    )
    assert (guests.kind, guests.default) == ("float | None", "")
    assert (cook.default, cook.meaning) == ("", "")


def test_the_page_has_a_row_a_key_that_no_bar_breaks() -> None:
    text = markdown({"kitchen": KitchenSettings})
    assert text.startswith("## `[kitchen]`\n\nHow the kitchen cooks.\n")
    assert "on the stove \\| or the pan |" in text
    assert text.count("\n| `") == 5
