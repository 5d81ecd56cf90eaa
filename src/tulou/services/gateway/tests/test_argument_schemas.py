"""Arguments that a model wrote are held against a tool's schema; what cannot be judged does not pass."""

from typing import Any

import pytest

from tulou.services.gateway.stack.tool_calls.offer import call_schema
from tulou.services.gateway.stack.tool_calls.schema import passes

NODE: dict[str, Any] = {
    "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}, "required": ["value"]}},
    "$ref": "#/$defs/node",
}


KNOWN: list[tuple[Any, list[Any], list[Any]]] = [
    ({"type": "string"}, ["", "x"], [1, None, []]),
    ({"type": "integer"}, [1, -3, 2.0, 10**30], [1.5, True, "1"]),
    ({"type": "number"}, [1, 1.5], [True, "1"]),
    ({"type": "boolean"}, [True], [1, "true"]),
    ({"type": "null"}, [None], [0, False]),
    ({"type": ["string", "null"]}, ["x", None], [1]),
    ({"enum": ["a", 1, None]}, ["a", 1, 1.0, None], ["b", True]),
    ({"const": 0}, [0], [False, 1]),
    ({"minimum": 1, "maximum": 3}, [1, 2.5, 3, "x"], [0, 4]),
    ({"exclusiveMinimum": 1, "exclusiveMaximum": 3}, [2], [1, 3]),
    ({"multipleOf": 2}, [4], [3]),
    ({"minLength": 2, "maxLength": 3}, ["ab", "福州"], ["a", "abcd"]),
    ({"minItems": 1, "maxItems": 2, "items": {"type": "integer"}}, [[1], [1, 2]], [[], [1, 2, 3], ["x"]]),
    ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, [["a", 1], []], [[1], ["a", "b"]]),
    ({"uniqueItems": True}, [[1, 2, True]], [[1, 1]]),
    ({"properties": {"a": {"type": "string"}}, "required": ["a"]}, [{"a": "x", "b": 1}], [{}, {"a": 1}]),
    ({"properties": {"a": {}}, "additionalProperties": False}, [{"a": 1}, {}], [{"b": 1}]),
    ({"additionalProperties": {"type": "integer"}}, [{"a": 1}], [{"a": "x"}]),
    ({"propertyNames": {"maxLength": 1}}, [{"a": 1}], [{"ab": 1}]),
    ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}], [{}, {"a": 1, "b": 2}]),
    ({"allOf": [{"type": "integer"}, {"minimum": 2}]}, [2], [1, "x"]),
    ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, [1, "x"], [None]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 2.5], [3]),
    ({"not": {"type": "integer"}}, ["x"], [1]),
    (NODE, [{"value": 1}, {"value": 1, "next": {"value": 2}}], [{}, {"value": 1, "next": {}}]),
    ({"type": "string", "format": "date", "description": "d", "default": "x"}, ["not a date"], [1]),
    (True, [1], []),
    (False, [], [1]),
    ({}, [1, None], []),
]
UNKNOWN: list[tuple[Any, Any]] = [
    ({"pattern": "^(a+)+$"}, "a" * 40 + "b"),
    ({"if": {}, "then": {}}, 1),
    ({"patternProperties": {"a": {}}, "additionalProperties": False}, {"a": 1}),
    ({"$ref": "https://example.org/schema"}, 1),
    ({"$ref": "#/$defs/none"}, 1),
    ({"$ref": "#"}, 1),
    ({"$ref": "#/anyOf/7", "anyOf": [{}]}, 1),
    ({"type": "text"}, "x"),
    ({"type": 7}, "x"),
    ({"required": "a"}, {"a": 1}),
    ({"properties": []}, {"a": 1}),
    ({"minimum": "1"}, 2),
    ({"minLength": "1"}, "abc"),
    ("string", "x"),
    (None, None),
    ({"uniqueItems": True}, list(range(5000))),
    ({"allOf": [{"allOf": [{}] * 300}] * 300}, 1),
]


@pytest.mark.parametrize(("schema", "good", "bad"), KNOWN)
def test_a_value_passes_as_the_standard_says(schema: Any, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if not passes(value, schema)] == []
    assert [value for value in bad if passes(value, schema)] == []


@pytest.mark.parametrize(("schema", "value"), UNKNOWN)
def test_what_a_schema_says_that_is_not_known_is_not_passed(schema: Any, value: Any) -> None:
    assert not passes(value, schema)


def test_references_of_a_tool_still_point_to_it_from_the_schema_of_all_calls() -> None:
    alone, both = call_schema({"a": NODE}), call_schema({"x": {"type": "object"}, "a": NODE})
    values: list[tuple[dict[str, Any], bool]] = [
        ({"value": 1, "next": {"value": 2}}, True),
        ({"value": 1, "next": {}}, False),
    ]
    for value, good in values:
        for schema in (alone, both):
            assert passes({"name": "a", "arguments": value}, schema) is good
            assert not passes({"name": "b", "arguments": value}, schema)
