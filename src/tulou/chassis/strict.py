"""Turn what people wrote (TOML, YAML, JSON) into messages; what no message has is an error, not ignored."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar, cast

import msgspec
from msgspec.inspect import CollectionType, DataclassType, DictType, Field, StructType, Type, UnionType, type_info

from tulou.kernel.errors import InvalidError

T = TypeVar("T")


def strict(value: object, kind: type[T], *, where: str = "") -> T:
    """Return the value as `kind`; raise `InvalidError` with the path of what is unknown, missing or of a wrong type."""
    for path, name, known in _unknown(value, type_info(kind), where):
        raise InvalidError(f"{_join(path, name)}: no such field{nearest(name, known)}", param=_join(path, name))
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at `")
        place = where + path.rstrip("`").removeprefix("$")
        place = place if where else place.removeprefix(".")
        raise InvalidError(f"{place}: {words}" if place else words, param=place or None) from error


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the words that help somebody who wrote a name that is not known."""
    matches = get_close_matches(name, known, n=1)
    return f"; did you mean {matches[0]!r}?" if matches else f"; there are {', '.join(sorted(known))}"


def _unknown(value: object, kind: Type, path: str) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield where a field is that its message does not have: the path, its name, and those that are known."""
    match kind, value:
        case ((DataclassType(fields=fields) | StructType(fields=fields)), dict()):
            yield from _in_message(cast("dict[object, object]", value), fields, path)
        case DictType(value_type=inner), dict():
            for key, item in cast("dict[object, object]", value).items():
                yield from _unknown(item, inner, _join(path, str(key)))
        case CollectionType(item_type=inner), list():
            for place, item in enumerate(cast("list[object]", value)):
                yield from _unknown(item, inner, f"{path}[{place}]")
        case UnionType(types=types), _:
            for one in types:
                yield from _unknown(value, one, path)
        case _:
            return


def _in_message(
    value: Mapping[object, object], fields: Sequence[Field], path: str
) -> Iterator[tuple[str, str, Sequence[str]]]:
    known = {field.encode_name: field.type for field in fields}
    for key, item in value.items():
        if key not in known:
            yield path, str(key), list(known)
        else:
            yield from _unknown(item, known[str(key)], _join(path, str(key)))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
