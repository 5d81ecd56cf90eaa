"""Where a long list goes on, as an opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import TypeVar

import msgspec

from tulou.kernel.errors import InvalidError

T = TypeVar("T")
TEXT_CAP = 8_000
NUL = b"\\u0000"


def write(place: object) -> str:
    """Return a place as a text that can be part of a URL."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read(text: str, kind: type[T]) -> T:
    """Return the place that a text was written for; raise `InvalidError` for a text that is not from here."""
    kept = text[:TEXT_CAP]
    try:
        raw = urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
        if NUL not in raw:  # which we never write, and PostgreSQL cannot take
            return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, Base64Error, ValueError) as error:
        raise _unknown() from error
    raise _unknown()


def _unknown() -> InvalidError:
    return InvalidError("after is no place in this list; take the `next` of the page before", param="after")
