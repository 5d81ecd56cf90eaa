"""Pages of long lists, by keyset: a list is ordered by what is unique in it, and a page begins behind a mark.

A store reads one item more than a page has, which says whether another page follows. A mark is what the list is ordered
by: the name or the number of the last item, or, where it is made of several parts, an opaque text.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from tulou.kernel.errors import InvalidError

Item = TypeVar("Item")
Mark = TypeVar("Mark")

PAGE_CAP = 500
"""Items that a page has at the most, unless its list says otherwise."""

MARK_CAP = 8_000
"""Characters of an opaque mark that are read."""

NUL = b"\\u0000"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item, Mark]):
    """What is on a page, and the mark behind which the next begins; none after the last."""

    items: tuple[Item, ...]
    next: Mark | None


def page_of(found: Sequence[Item], limit: int, mark: Callable[[Item], Mark]) -> Page[Item, Mark]:
    """Return a page of what was found from its beginning on, where one item more than `limit` was asked for."""
    items = tuple(found[:limit])
    return Page(items, mark(items[-1]) if len(found) > limit else None)


def check_limit(limit: int, *, most: int = PAGE_CAP) -> None:
    """Raise `InvalidError` for a size of a page that makes no sense."""
    if not 1 <= limit <= most:
        raise InvalidError(f"limit is {limit}; it may be 1 to {most}", param="limit")


def write_mark(place: object) -> str:
    """Return a place in a list as a text that can be part of a URL."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_mark(text: str, kind: type[Mark]) -> Mark:
    """Return the place that a text was written for; raise `InvalidError` for a text that is not from here."""
    kept = text[:MARK_CAP]
    try:
        raw = urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
        if NUL not in raw:  # which we never write, and PostgreSQL cannot take
            return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, Base64Error, ValueError) as error:
        raise unknown_mark() from error
    raise unknown_mark()


def unknown_mark(of: str = "this list") -> InvalidError:
    """Return the refusal of a mark that was given out for no page, or for those of another list."""
    return InvalidError(f"after is no place in {of}; take the `next` of the page before", param="after")
