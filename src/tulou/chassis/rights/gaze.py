"""What policies look at: which parts of what is known of a request can change a decision."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from tulou.chassis.rights.cedar import to_json

WHOLE = "*"
"""Stands for all of the context, where a policy looks at it as one value."""


def looked_at(text: str) -> frozenset[str]:
    """Return the attributes of the context that policies look at, by name; raise `ValueError` for what is no policy."""
    return frozenset(context_in(msgspec.json.decode(to_json(text)))) if text else frozenset()


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
