"""Keeps secrets and prompts out of logs, whatever field or text they arrive in."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

HIDDEN = "***"
TEXT_CAP = 8192
_HIDDEN_FIELDS = frozenset(
    {
        *("authorization", "proxy-authorization", "cookie", "set-cookie"),
        *("api-key", "x-api-key", "apikey", "secret", "password", "private-key"),
        *("token", "access-token", "refresh-token", "control-token", "house-token"),
        *("prompt", "messages", "completion", "content", "body"),
    }
)
_SECRETS = re.compile(
    r"(?P<key>\bsk-)[\w-]{4,}"
    r"|(?P<scheme>\b(?:bearer|basic)\s+)(?!\*)[\w.~+/=-]{4,}"
    r"|(?P<header>\b(?:x-)?api-key['\"]?\s*[:=]\s*['\"]?)[^\s'\",;]{4,}"
    r"|(?P<user>://[^\s:/@]*:)[^\s@/]+(?=@)",
    re.IGNORECASE,
)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what is secret in an event, at any depth, and cut texts longer than `TEXT_CAP` characters."""
    for name, value in event.items():
        event[name] = _clean_field(name, value, 0)
    return event


def redact_text(text: str) -> str:
    """Return the text without keys, credentials and passwords."""
    if len(text) > TEXT_CAP:
        text = f"{text[:TEXT_CAP]}... ({len(text)} characters)"
    return _SECRETS.sub(_keep_prefix, text)


def _keep_prefix(match: re.Match[str]) -> str:
    return f"{match[match.lastgroup or 0]}{HIDDEN}"


def _clean_field(name: str, value: object, depth: int) -> object:
    return HIDDEN if name.lower().replace("_", "-") in _HIDDEN_FIELDS else _clean(value, depth)


def _clean(value: object, depth: int) -> object:
    match value:
        case str():
            return redact_text(value)
        case bool() | int() | float() | None:
            return value
        case _ if depth == 4:  # noqa: PLR2004 - deeper than any event of ours, and a bound for those of others
            return redact_text(repr(value))
        case Mapping():
            fields = cast("Mapping[object, object]", value)
            return {str(name): _clean_field(str(name), inner, depth + 1) for name, inner in fields.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(inner, depth + 1) for inner in cast("list[object]", value)]
        case _:
            return redact_text(str(value))
