"""Keeps secrets and prompts out of logs, whatever field or text they arrive in.

Fields are judged by their names; texts are searched only in lines that hold a hint of a secret, since a search of every
text would cost as much as all the rest of logging.
"""

import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any, cast

import msgspec

HIDDEN = "***"
TEXT_CAP = 8192
DEPTH_CAP = 4
_HIDDEN_FIELDS = frozenset(
    {
        *("authorization", "proxy-authorization", "cookie", "set-cookie"),
        *("api-key", "x-api-key", "apikey", "secret", "password", "private-key"),
        *("token", "access-token", "refresh-token", "control-token", "house-token"),
        *("prompt", "messages", "completion", "content", "body"),
    }
)
_HINTS = (b"sk-", b"bearer", b"basic", b"api-key", b"://")
_SECRETS = re.compile(
    r"(?P<key>\bsk-)[\w-]{4,}"
    r"|(?P<scheme>\b(?:bearer|basic)\s+)(?!\*)[\w.~+/=-]{4,}"
    r"|(?P<header>\b(?:x-)?api-key['\"]?\s*[:=]\s*['\"]?)[^\s'\",;]{4,}"
    r"|(?P<user>://[^\s:/@]*:)[^\s@/]+(?=@)",
    re.IGNORECASE,
)
_PLAIN = frozenset({int, float, bool, type(None)})


def encode_clean(event: MutableMapping[str, Any]) -> bytes:
    """Clean an event in place and return it as a line of JSON."""
    for name, value in event.items():
        if _is_hidden(name):
            event[name] = HIDDEN
        elif type(value) not in _PLAIN:
            event[name] = _cut(value) if isinstance(value, str) else _clean(value, 0)
    line = msgspec.json.encode(event)
    lowered = line.lower()
    if not any(hint in lowered for hint in _HINTS):
        return line
    for name, value in event.items():
        event[name] = _clean(value, 0)
    return msgspec.json.encode(event)


def redact(value: object) -> object:
    """Return a value of JSON's kinds without what is secret in it, judged by names of fields and by texts."""
    return _clean(value, 0)


def redact_text(text: str) -> str:
    """Return the text without keys, credentials and passwords, cut to `TEXT_CAP` characters."""
    return _SECRETS.sub(_keep_prefix, _cut(text))


@lru_cache(maxsize=1024)
def _is_hidden(name: str) -> bool:
    return name.lower().replace("_", "-") in _HIDDEN_FIELDS


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CAP else f"{text[:TEXT_CAP]}... ({len(text)} characters)"


def _keep_prefix(match: re.Match[str]) -> str:
    return f"{match[match.lastgroup or 0]}{HIDDEN}"


def _clean(value: object, depth: int) -> object:
    match value:
        case str():
            return redact_text(value)
        case bool() | int() | float() | None:
            return value
        case _ if depth == DEPTH_CAP:
            return redact_text(repr(value))
        case Mapping():
            fields = cast("Mapping[object, object]", value)
            return {
                str(name): HIDDEN if _is_hidden(str(name)) else _clean(inner, depth + 1)
                for name, inner in fields.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_clean(inner, depth + 1) for inner in cast("list[object]", value)]
        case _:
            return redact_text(str(value))
