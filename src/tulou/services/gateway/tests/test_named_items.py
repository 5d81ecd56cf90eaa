"""Items that a request names: each once, so that a short request stays one."""

import msgspec
import pytest

from tulou.services.gateway.http.responses.items import Item
from tulou.services.gateway.http.responses.references import references
from tulou.services.gateway.refusals import WrongTypeError


def items(*written: str) -> list[Item]:
    return [msgspec.json.decode(each, type=Item) for each in written]


def test_items_are_named_by_their_places() -> None:
    given = items('{"id":"a"}', '{"type":"message","role":"user"}', '{"type":"item_reference","id":"b"}')
    assert references(given) == {0: "a", 2: "b"}


def test_an_item_that_is_named_twice_is_refused_by_its_place() -> None:
    with pytest.raises(WrongTypeError, match=r"input\[2\].id: item 'a' is named twice"):
        references(items('{"id":"a"}', '{"id":"b"}', '{"id":"a"}'))
