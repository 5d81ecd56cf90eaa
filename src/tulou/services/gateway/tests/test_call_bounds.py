"""What a model or a client writes costs no more than its length, and numbers of any size are no failure."""

from typing import Any

import pytest

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.custom_input import InputReader
from tulou.services.gateway.stack.tool_calls.offer import offer_of
from tulou.services.gateway.stack.tool_calls.schema import passes
from tulou.services.gateway.stack.tool_calls.shapes import TEXT_CAP, read_calls

TOOLS = {"f": {"type": "object"}}
CALL = '{"name": "f", "arguments": {}}'
ENUM: dict[str, Any] = {"$defs": {"e": {"enum": [*range(5_000)]}}}


@pytest.mark.timeout(20)  # the square of these lengths takes minutes
@pytest.mark.parametrize(
    "text",
    [
        "```json" + "\n" * (TEXT_CAP - 16) + '{"',
        '<tool_call>{"' + "<tool_call>" * (TEXT_CAP // 12),
        "<function=a>" * (TEXT_CAP // 13),
        f"```{CALL}```" + "```" * (TEXT_CAP // 4),
    ],
)
def test_openers_without_an_end_are_read_once(text: str) -> None:
    for _ in range(20):
        assert read_calls(text, TOOLS) == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"allOf": [{"$ref": "#/$defs/e"}] * 20_000, **ENUM}, -1),
        ({"allOf": [{"not": {"$ref": "#/$defs/e"}}] * 20_000, **ENUM}, -1),
        ({"anyOf": [{"uniqueItems": True, "minItems": 1_000}] * 1_000}, [[number] for number in range(900)]),
    ],
)
def test_a_schema_that_takes_too_many_steps_is_not_passed(schema: Any, value: Any) -> None:
    assert not passes(value, schema)


@pytest.mark.parametrize("schema", [{"type": "integer"}, {"multipleOf": 0.1}, {"maximum": 1e300}])
def test_a_number_of_any_length_is_judged_or_not_passed(schema: Any) -> None:
    assert not passes(10**400, schema)


def test_a_pointer_of_any_length_leads_nowhere() -> None:
    assert not passes(1, {"$ref": "#/default/" + "9" * 5_000})


def test_lists_within_reason_are_judged() -> None:
    assert passes({"a": [1, 2], "b": 3}, {"properties": {"a": {"uniqueItems": True}, "b": {"enum": [*range(100)]}}})
    assert not passes({"a": [1, 1]}, {"properties": {"a": {"uniqueItems": True}}})
    assert passes(2, {"anyOf": [{"const": 1}, {"const": 2}]})
    assert not passes(2, {"oneOf": [{"minimum": 1}, {"maximum": 3}]})


def test_a_schema_too_deep_to_force_a_call_by_is_refused() -> None:
    deep = '{"type":"object","properties":{"a":' * 300 + "{}" + "}}" * 300
    tool = f'{{"type":"function","function":{{"name":"f","parameters":{deep}}}}}'
    body = f'{{"messages":[],"tools":[{tool}],"tool_choice":"required"}}'.encode()
    with pytest.raises(InvalidError, match="nested too deep"):
        offer_of(body)


@pytest.mark.timeout(20)
def test_arguments_of_another_shape_are_gathered_piece_by_piece() -> None:
    reader, piece = InputReader(), '{"a":"' + "x" * 4
    assert [reader.feed(piece) for _ in range(100_000)] == [""] * 100_000
    assert reader.end() == piece * 100_000
