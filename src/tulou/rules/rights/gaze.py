"""What policies look at: which parts of what is known of a request can change a decision."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from tulou.rules.rights.cedar import to_json

WHOLE = "*"
"""Stands for all of the context, where a policy looks at it as one value."""

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def looked_at(text: str) -> frozenset[str]:
    """Return the attributes of the context that policies look at, by name; raise `ValueError` for what is no policy."""
    return frozenset(context_in(msgspec.json.decode(to_json(text)))) if text else frozenset()


def compared_with(attribute: str, text: str) -> frozenset[int]:
    """Return the whole numbers that policies compare something of the context with."""
    return frozenset(_compared(attribute, msgspec.json.decode(to_json(text)))) if text else frozenset()


def context_in(value: object) -> Iterator[str]:
    """Yield the attributes of the context that a part of Cedar's JSON looks at."""
    match value:
        case {".": {"left": {"Var": "context"}, "attr": str(name)}} | {
            "has": {"left": {"Var": "context"}, "attr": str(name)}
        }:
            yield name
        case {"Var": "context"}:
            yield WHOLE
        case dict():
            for inner in cast("dict[str, Any]", value).values():
                yield from context_in(inner)
        case list():
            for inner in cast("list[Any]", value):
                yield from context_in(inner)
        case _:
            return


def _compared(attribute: str, value: object) -> Iterator[int]:
    for name, inner in _parts(value):
        if name in COMPARISONS and attribute in context_in(inner):
            yield from _numbers(inner)
        else:
            yield from _compared(attribute, inner)


def _numbers(value: object) -> Iterator[int]:
    for name, inner in _parts(value):
        if name == "Value" and type(inner) is int:
            yield inner
        else:
            yield from _numbers(inner)


def _parts(value: object) -> Iterable[tuple[object, object]]:
    match value:
        case dict():
            return cast("dict[str, object]", value).items()
        case list():
            return enumerate(cast("list[object]", value))
        case _:
            return ()
