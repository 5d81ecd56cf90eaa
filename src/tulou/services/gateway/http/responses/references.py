"""Items that a request names by their ids instead of repeating them: those of answers that are kept."""

from collections.abc import Sequence

import msgspec

from tulou.services.gateway.http.responses.items import Item, readable
from tulou.services.gateway.refusals import WrongTypeError

_TEXT = msgspec.json.Decoder(str)


def references(given: str | Sequence[Item]) -> dict[int, str]:
    """Return the ids of the items that are named, by their places in the input.

    Raise `WrongTypeError` for no id, and for an item that is named twice: a short request must not become a long one.
    """
    if isinstance(given, str):
        return {}
    named = {place: _id(item, place) for place, item in enumerate(given) if _is_reference(item)}
    if len(set(named.values())) < len(named):
        seen: set[str] = set()
        place = next(place for place, name in named.items() if name in seen or seen.add(name))
        at = f"input[{place}].id"
        raise WrongTypeError(f"{at}: item {named[place]!r} is named twice", param=at, pointer=f"/input/{place}/id")
    return named


def resolved(given: Sequence[Item], named: dict[int, str], items: dict[str, Item]) -> list[Item]:
    """Return the input with the items themselves; what nobody but its maker can read is left out."""
    whole = [items[named[place]] if place in named else item for place, item in enumerate(given)]
    return [item for place, item in enumerate(whole) if place not in named or readable(item)]


def _is_reference(item: Item) -> bool:
    """Say whether an item is named: its type may be left out, and then it is nothing but an id."""
    kind = bytes(item.get("type", b"null"))
    return kind == b'"item_reference"' or (kind == b"null" and item.keys() - {"type"} == {"id"})


def _id(item: Item, place: int) -> str:
    try:
        return _TEXT.decode(item["id"])
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        at = f"input[{place}].id"
        raise WrongTypeError(
            f"{at}: an item is named by its id, a text", param=at, pointer=f"/input/{place}/id"
        ) from error
