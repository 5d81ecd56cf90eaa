"""Write a document as people would: what is as usual is left out, policies stand there as they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, cast

import msgspec
import yaml

from tulou.services.configuration.domain.document import SECTIONS, Entry, Resources

WIDTH = 100

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Words(_Dumper):
    """Writes texts of several lines as a block."""


def _text(dumper: Any, text: str) -> yaml.ScalarNode:
    plain_lines = all(line == line.rstrip() and line.isprintable() for line in text.split("\n"))
    block = "\n" in text and plain_lines
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Words.add_representer(str, _text)


def written(resources: Resources) -> str:
    """Return the document of the sections that there are."""
    document: dict[str, object] = {"version": 1}
    for section in (section for section in SECTIONS if section in resources):
        entries = resources[section]
        document[section] = [plain(entries[name]) for name in sorted(entries)]
    return yaml.dump(document, Dumper=_Words, sort_keys=False, allow_unicode=True, width=WIDTH)


def as_json(entry: Entry | None) -> str:
    """Return an entry as JSON; nothing for none."""
    return "" if entry is None else msgspec.json.encode(plain(entry)).decode()


def plain(value: object) -> Any:
    """Return a message as mappings and lists, without the fields that are as usual."""
    if is_dataclass(value) and not isinstance(value, type):
        there = ((item, getattr(value, item.name)) for item in fields(value))
        return {item.name: plain(inner) for item, inner in there if inner != _usual(item)}
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in cast("Sequence[object]", value)]
    return value


def _usual(item: Field[Any]) -> object:
    if item.default is not MISSING:
        return item.default
    return item.default_factory() if item.default_factory is not MISSING else MISSING
