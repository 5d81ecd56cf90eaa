"""What tenants, projects and people may be called, and what may be known of them."""

import re
from collections.abc import Mapping

from tulou.contracts.governance.messages import Attribute
from tulou.kernel.errors import InvalidError

DEFAULT = "default"
"""The tenant, and in each tenant the project, that are always there."""

TITLE_CAP = 200
EMAIL_CAP = 254
ATTRIBUTES_CAP = 32
ATTRIBUTE_CAP = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_EMAIL = re.compile(r"[^@\s\x00-\x20\x7f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,187}[A-Za-z0-9])?")
"""So much that nothing else passes for one; whether it exists, only a letter to it could tell."""


def check_name(param: str, name: str) -> None:
    """Raise `InvalidError` for a name that cannot be part of a path or a policy."""
    if not _NAME.fullmatch(name):
        raise InvalidError(f"{param} {name[:100]!r} is not 1 to 63 letters, digits or ._@+-", param=param)


def check_line(param: str, text: str, *, least: int = 0, most: int = TITLE_CAP) -> None:
    """Raise `InvalidError` for a text that does not fit on one line."""
    if not least <= len(text) <= most or not (text == "" or text.isprintable()) or text != text.strip():
        why = f"{least} to {most} characters, none of them a control character, no space at either end"
        raise InvalidError(f"{param} has {why}", param=param)


def email_of(text: str) -> str:
    """Return an e-mail address as it is compared: without regard to case; raise `InvalidError` if it is none."""
    email = text.strip().lower()
    if len(email) > EMAIL_CAP or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise InvalidError(f"{text[:100]!r} is no e-mail address", param="email")
    return email


def check_attributes(attributes: Mapping[str, Attribute]) -> None:
    """Raise `InvalidError` for attributes that policies could not speak of."""
    if len(attributes) > ATTRIBUTES_CAP:
        raise InvalidError(
            f"attributes has {len(attributes)} entries; it may have {ATTRIBUTES_CAP}", param="attributes"
        )
    for name, value in attributes.items():
        param = f"attributes.{name[:100]}"
        if not _ATTRIBUTE.fullmatch(name):
            raise InvalidError(f"{param}: names are 1 to 63 of a-z, 0-9 and _, a letter first", param="attributes")
        if isinstance(value, str):
            check_line(param, value, most=ATTRIBUTE_CAP)
        elif abs(value) >= 1 << 53:
            raise InvalidError(f"{param} is a number beyond 2^53, which other programs read wrongly", param=param)
