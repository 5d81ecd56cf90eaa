"""Describes settings classes in words, for the reference page and for whoever wants to show them.

A settings class tells the meaning of its fields in its docstring, one `name: meaning` a line; a meaning that needs more
room goes on in lines that are indented further, or that do not begin with the name of a field.
"""

import dataclasses
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from tulou.kernel.message import message

_FIELD = re.compile(r"`?(?P<name>[a-z_]\w*)`?: +(?P<meaning>.*)")


@message
class Setting:
    """One key of a table; `default` as it would stand in the file, empty where there is none."""

    table: str
    key: str
    kind: str
    default: str
    meaning: str


def settings(table: str, kind: type[Any]) -> Iterator[Setting]:
    """Yield the keys of one settings class in their order; a key without a meaning has an empty one."""
    hints, told = get_type_hints(kind), meanings(kind)
    for item in dataclasses.fields(kind):
        yield Setting(
            table=table,
            key=item.name,
            kind=_kind(hints[item.name]),
            default=_default(item),
            meaning=told.get(item.name, ""),
        )


def meanings(kind: type[Any]) -> dict[str, str]:
    """Return what the docstring of a settings class says of each field."""
    names, found, current = {item.name for item in dataclasses.fields(kind)}, dict[str, list[str]](), ""
    for line in (inspect.getdoc(kind) or "").splitlines()[1:]:
        match = _FIELD.fullmatch(line.strip())
        if match and match["name"] in names:
            current = match["name"]
            found[current] = [match["meaning"]]
        elif current and line.strip():
            found[current].append(line.strip())
    return {name: " ".join(lines) for name, lines in found.items()}


def markdown(tables: Mapping[str, type[Any]]) -> str:
    """Return a section a table, each with a line for what it is about and a row a key."""
    return "\n".join(_section(name, kind) for name, kind in tables.items())


def _section(name: str, kind: type[Any]) -> str:
    about = (inspect.getdoc(kind) or "").partition("\n")[0]
    rows = [
        f"| `{item.key}` | {_cell(item.kind)} | {f'`{_cell(item.default)}`' if item.default else ''} |"
        f" {_cell(item.meaning)} |"
        for item in settings(name, kind)
    ]
    head = ["| key | type | default | meaning |", "|---|---|---|---|"]
    return "\n".join([f"## `[{name}]`", "", about, "", *head, *rows, ""])


def _kind(hint: object) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(hint))
    if isinstance(hint, type) and not get_args(hint):
        return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}.get(
            hint.__name__, hint.__name__
        )
    return re.sub(r"\b\w+\.", "", str(hint))


def _default(item: "dataclasses.Field[Any]") -> str:
    if item.default is not dataclasses.MISSING:
        return _toml(item.default)
    return _toml(item.default_factory()) if item.default_factory is not dataclasses.MISSING else ""


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case None:
            return ""
        case tuple() | list():
            return f"[{', '.join(_toml(inner) for inner in cast('Sequence[object]', value))}]"
        case _:
            return str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
