"""Where a long list goes on, as an opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import TypeVar

import msgspec

from tulou.kernel.errors import InvalidError

T = TypeVar("T")
TEXT_CAP = 8_000


def write(place: object) -> str:
    """Return a place as a text that can be part of a URL."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read(text: str, kind: type[T]) -> T:
    """Return the place that a text was written for; raise `InvalidError` for a text that is not from here."""
    padded = text[:TEXT_CAP] + "=" * (-len(text[:TEXT_CAP]) % 4)
    try:
        return msgspec.json.decode(urlsafe_b64decode(padded), type=kind)
    except (msgspec.MsgspecError, Base64Error, ValueError) as error:
        raise InvalidError(
            "after is no place in this list; take the `next` of the page before", param="after"
        ) from error
