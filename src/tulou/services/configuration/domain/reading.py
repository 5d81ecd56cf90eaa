"""Read a document strictly: what nobody understands is an error with its place, never passed over."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import yaml

from tulou.chassis.strict import strict
from tulou.chassis.yaml_reader import UNCONSTRUCTED
from tulou.kernel.errors import InvalidError, TooLargeError
from tulou.services.configuration.domain.document import SECTIONS, HouseDocument, Resources, name_of, named

DEPTH_CAP = 24

_YAML: Any = yaml
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(text: str, *, most: int) -> HouseDocument:
    """Return a document; raise `InvalidError` naming the place that is wrong, `TooLargeError` for too much of it."""
    if len(text.encode("utf-8", "surrogatepass")) > most:
        raise TooLargeError(f"the document has more than {most} bytes ([configuration] document_bytes)")
    document = strict(_parsed(text), HouseDocument)
    for section in SECTIONS:
        _check_once(section, getattr(document, section) or ())
    return document


def declared(document: HouseDocument) -> Resources:
    """Return the entries of the sections that a document declares."""
    given = {section: getattr(document, section) for section in SECTIONS}
    return {section: named(section, entries) for section, entries in given.items() if entries is not None}


def _parsed(text: str) -> object:
    try:
        _check_shape(_YAML.parse(text, Loader=_Loader))
        return _constructed(text)
    except yaml.YAMLError as error:
        raise InvalidError(f"the document is not YAML: {' '.join(str(error).split())}") from error
    except UNCONSTRUCTED as error:
        raise InvalidError(f"the document is not YAML: {error or type(error).__name__}") from error


def _constructed(text: str) -> object:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        if node is None:
            raise InvalidError("the document is empty; it begins with `version: 1`")
        _check_keys(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check_keys(node: yaml.Node) -> None:
    """Refuse a key that stands in a mapping twice; YAML's own reader takes the last of several and says nothing."""
    values = cast("list[object]", node.value) if isinstance(node, yaml.CollectionNode) else []
    seen: set[str] = set()
    for item in values:
        if isinstance(item, tuple):
            key, value = cast("tuple[yaml.Node, yaml.Node]", item)
            name = str(key.value)
            if name in seen:
                raise InvalidError(f"line {_line(key)}: {name!r} stands there twice", param=name)
            seen.add(name)
            _check_keys(value)
        elif isinstance(item, yaml.Node):
            _check_keys(item)


def _line(place: yaml.Node | yaml.Event) -> int:
    mark: Any = place.start_mark
    return int(mark.line) + 1


def _check_shape(events: Iterator[yaml.Event]) -> None:
    """Refuse what makes much of little: aliases, which may multiply, and depth without end."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise InvalidError(f"line {_line(event)}: aliases are not taken; write it out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_CAP:
            raise InvalidError(f"line {_line(event)}: deeper than {DEPTH_CAP} levels")


def _check_once(section: str, entries: tuple[Any, ...]) -> None:
    seen: dict[str, int] = {}
    for place, entry in enumerate(entries):
        name = name_of(section, entry)
        if name in seen:
            first = f"{section}[{seen[name]}]"
            raise InvalidError(
                f"{section}[{place}]: {name!r} stands there already, as {first}", param=f"{section}[{place}]"
            )
        seen[name] = place


def merged(current: Resources, wanted: Resources) -> Resources:
    """Return the house as it is, with each section of `wanted` in the place of its own."""
    empty: Mapping[str, Any] = {}
    return {section: wanted.get(section, current.get(section, empty)) for section in SECTIONS}
