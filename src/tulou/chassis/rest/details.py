"""What the audit trail keeps of a request's body: which fields were sent, with their values where they may be seen."""

import re
from collections.abc import Mapping
from typing import cast

import msgspec

from tulou.chassis.telemetry.redaction import HIDDEN, redact

DETAIL_CAP = 4096
"""Characters of JSON."""
TEXT_CAP = 200
ITEMS_CAP = 40

_SECRET = re.compile(
    r"password|secret|credential|passphrase|private|(?:^|_)(?:token|code|codes|otp|pin|key|value)$", re.IGNORECASE
)
"""Names that hide a value: more than in logs, since what is kept for ever should rather hold too little."""


def detail_of(facts: Mapping[str, object], body: bytes, *, names_only: bool = False) -> str:
    """Return the JSON to keep; of a body that makes it too long, the names of its fields alone."""
    sent = _decoded(body)
    if sent is None:
        return _encoded(facts)
    if names_only:
        return _encoded({**facts, "fields": _names(sent)})
    whole = _encoded({**facts, "sent": visible(sent)})
    return whole if len(whole) <= DETAIL_CAP else _encoded({**facts, "fields": _names(sent)})


def visible(value: object) -> object:
    """Return what of a value may be seen: secrets are hidden, texts and lists cut."""
    return _shown(redact(value))


def _decoded(body: bytes) -> object:
    try:
        return msgspec.json.decode(body) if body else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _shown(value: object) -> object:
    match value:
        case str():
            return value if len(value) <= TEXT_CAP else f"{value[:TEXT_CAP]}... ({len(value)} characters)"
        case dict():
            fields = list(cast("dict[str, object]", value).items())[:ITEMS_CAP]
            return {name[:TEXT_CAP]: HIDDEN if _SECRET.search(name) else _shown(inner) for name, inner in fields}
        case list():
            return [_shown(inner) for inner in cast("list[object]", value)[:ITEMS_CAP]]
        case _:
            return value


def _names(sent: object) -> list[str]:
    fields = cast("dict[str, object]", sent) if isinstance(sent, dict) else {}
    return [name[:64] for name in fields][:ITEMS_CAP]


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()
