"""Headers that go with every call: those that prove who asks, or may be secret, are never copied."""

import re
from collections.abc import Iterator
from typing import cast

from tulou.cli.litellm.section import Section, shown
from tulou.cli.litellm.variables import REFERENCE
from tulou.services.serving.domain.entry_checks import seems_secret

_SECRET = re.compile(r"auth|key|token|secret|passw|cookie|credential|signature|session", re.IGNORECASE)
_HOLDS_SECRET = re.compile(r"(?i)\b(bearer|basic)\s+\S|\bsk-[A-Za-z0-9_-]{6,}")


def headers_of(params: Section) -> Iterator[tuple[str, str]]:
    """Yield the headers of an entry with their variables followed; a note for each that was left out."""
    organization = params.text("organization")
    if organization:
        yield "openai-organization", organization
    for field in ("extra_headers", "headers", "default_headers"):
        section = params.section(field)
        for name, value in section.take_all():
            found = _value(section, name, value)
            if found is not None:
                yield name, found


def may_be_secret(name: str, text: str) -> bool:
    """Say whether a text looks like a secret, whatever it is called."""
    return bool(_HOLDS_SECRET.search(text)) or seems_secret(name, text)


def _value(section: Section, name: str, value: object) -> str | None:
    found = value
    if isinstance(value, str) and value.startswith(REFERENCE):
        variable = value.removeprefix(REFERENCE)
        found = section.reading.variables.value(variable)
        if found is None and not _SECRET.search(name):
            section.note(name, f"{variable} is not set here; the header was left out", kind="left_out")
            return None
    if _SECRET.search(name) or (isinstance(found, str) and may_be_secret(name, found)):
        section.note(name, "may be secret, and was left out: add it to the upstream as a credential", kind="left_out")
        return None
    if isinstance(found, str | int | float) and not isinstance(found, bool):
        return str(found)
    section.note(name, f"{shown(cast('object', value))} is no header, and was left out", kind="left_out")
    return None
