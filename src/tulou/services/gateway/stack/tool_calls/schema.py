"""Whether a value passes a JSON schema: those keywords that tools have; what is not known here is not passed.

https://json-schema.org/draft/2020-12/json-schema-validation. A schema is a client's, so the work on it is bounded, and
`pattern`, whose cost is not, is not looked at: a value that one applies to does not pass.
"""

import math
from collections.abc import Callable, Mapping
from typing import cast

Json = object
Object = Mapping[str, Json]

STEPS = 20_000
DEPTH = 64
_NOTES = frozenset(
    {
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "default",
        "definitions",
        "deprecated",
        "description",
        "example",
        "examples",
    }
    | {"format", "nullable", "readOnly", "strict", "title", "writeOnly", "additionalItems", "contentEncoding"}
)
"""They say something of values and forbid none."""


class UnknownSchemaError(Exception):
    """The schema has a keyword that is not known here, or takes too many steps."""


def passes(value: Json, schema: Json) -> bool:
    """Return whether a value passes; a schema that cannot be judged is not passed."""
    try:
        return _Judge(schema).passes(value, schema, DEPTH)
    except (UnknownSchemaError, ArithmeticError, ValueError, TypeError, RecursionError):
        return False  # numbers and pointers may be of any length


class _Judge:
    def __init__(self, root: Json) -> None:
        self._root = root
        self._steps = STEPS

    def passes(self, value: Json, schema: Json, depth: int) -> bool:
        self._steps -= 1
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict) or depth == 0 or self._steps < 0:
            raise UnknownSchemaError
        rules = cast("Object", schema)
        return all(self._keyword(name, value, rules, depth - 1) for name in rules)

    def _keyword(self, name: str, value: Json, rules: Object, depth: int) -> bool:
        rule = rules[name]
        if name in _NOTES:
            return True
        self._charge(name, value, rule)
        if name in _PLAIN:
            return _PLAIN[name](value, rule)
        if name in ("allOf", "anyOf", "oneOf", "not", "$ref"):
            return self._combined(name, value, rule, depth)
        if name in ("properties", "required", "additionalProperties", "propertyNames"):
            return not isinstance(value, dict) or self._object(name, cast("Object", value), rules, depth)
        if name in ("items", "prefixItems"):
            return not isinstance(value, list) or self._items(name, cast("list[Json]", value), rules, depth)
        raise UnknownSchemaError

    def _combined(self, name: str, value: Json, rule: Json, depth: int) -> bool:
        if name == "$ref":
            return self.passes(value, self._found(rule), depth)
        if name == "not":
            return not self.passes(value, rule, depth)
        each_passes = (self.passes(value, each, depth) for each in _list(rule))
        match name:
            case "allOf":
                return all(each_passes)
            case "anyOf":
                return any(each_passes)
            case _:
                return sum(each_passes) == 1

    def _charge(self, name: str, value: Json, rule: Json) -> None:
        """Count what a keyword takes by itself, which grows with what it lists."""
        if isinstance(rule, list | dict | str):
            self._steps -= len(cast("str", rule))
        if name == "uniqueItems" and isinstance(value, list):
            self._steps -= len(cast("list[Json]", value)) ** 2
        if self._steps < 0:
            raise UnknownSchemaError

    def _object(self, name: str, value: Object, rules: Object, depth: int) -> bool:
        rule = rules[name]
        match name:
            case "required":
                return all(each in value for each in _list(rule))
            case "properties":
                known = _mapping(rule)
                return all(self.passes(value[key], known[key], depth) for key in known if key in value)
            case "propertyNames":
                return all(self.passes(key, rule, depth) for key in value)
            case _:
                if "patternProperties" in rules:
                    raise UnknownSchemaError
                known = _mapping(rules.get("properties", {}))
                return all(self.passes(each, rule, depth) for key, each in value.items() if key not in known)

    def _items(self, name: str, value: list[Json], rules: Object, depth: int) -> bool:
        first = _list(rules.get("prefixItems", []))
        if name == "prefixItems":
            return all(self.passes(each, rule, depth) for each, rule in zip(value, first, strict=False))
        return all(self.passes(each, rules["items"], depth) for each in value[len(first) :])

    def _found(self, pointer: Json) -> Json:
        """Return what a reference points to, which must lie in the same schema."""
        if not isinstance(pointer, str) or not pointer.startswith("#"):
            raise UnknownSchemaError
        found = self._root
        for part in pointer.removeprefix("#").strip("/").split("/") if pointer != "#" else ():
            found = _below(found, part.replace("~1", "/").replace("~0", "~"))
        return found


def _below(value: Json, name: str) -> Json:
    if isinstance(value, list):
        items = cast("list[Json]", value)
        return items[int(name)] if name.isascii() and name.isdigit() and int(name) < len(items) else None
    return _mapping(value).get(name)


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise UnknownSchemaError
    return cast("list[Json]", value)


def _mapping(value: Json) -> Object:
    if not isinstance(value, dict):
        raise UnknownSchemaError
    return cast("Object", value)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Json], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and math.isfinite(cast("float", value)) and not cast("float", value) % 1,
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _type(value: Json, rule: Json) -> bool:
    names: list[Json] = cast("list[Json]", rule) if isinstance(rule, list) else [rule]
    return any(isinstance(name, str) and name in _TYPES and _TYPES[name](value) for name in names)


def _same(left: Json, right: Json) -> bool:
    """Compare as JSON does: 1 is 1.0, and true is no number."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _number_rule(holds: Callable[[float, float], bool]) -> Callable[[Json, Json], bool]:
    def rule(value: Json, bound: Json) -> bool:
        if not _is_number(bound):
            raise UnknownSchemaError
        return not _is_number(value) or holds(cast("float", value), cast("float", bound))

    return rule


def _size_rule(kind: type, holds: Callable[[int, int], bool]) -> Callable[[Json, Json], bool]:
    def rule(value: Json, bound: Json) -> bool:
        if not isinstance(bound, int):
            raise UnknownSchemaError
        return not isinstance(value, kind) or holds(len(cast("str", value)), bound)

    return rule


_PLAIN: Mapping[str, Callable[[Json, Json], bool]] = {
    "type": _type,
    "enum": lambda value, rule: any(_same(value, each) for each in _list(rule)),
    "const": _same,
    "minimum": _number_rule(lambda value, bound: value >= bound),
    "maximum": _number_rule(lambda value, bound: value <= bound),
    "exclusiveMinimum": _number_rule(lambda value, bound: value > bound),
    "exclusiveMaximum": _number_rule(lambda value, bound: value < bound),
    "multipleOf": _number_rule(lambda value, bound: bound > 0 and value % bound == 0),
    "minLength": _size_rule(str, lambda size, bound: size >= bound),
    "maxLength": _size_rule(str, lambda size, bound: size <= bound),
    "minItems": _size_rule(list, lambda size, bound: size >= bound),
    "maxItems": _size_rule(list, lambda size, bound: size <= bound),
    "minProperties": _size_rule(dict, lambda size, bound: size >= bound),
    "maxProperties": _size_rule(dict, lambda size, bound: size <= bound),
    "pattern": lambda value, _: not isinstance(value, str),
    "uniqueItems": lambda value, rule: (
        rule is not True or not isinstance(value, list) or _unique(cast("list[Json]", value))
    ),
}


def _unique(values: list[Json]) -> bool:
    return not any(_same(left, right) for place, left in enumerate(values) for right in values[:place])
