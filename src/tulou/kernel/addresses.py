"""Addresses that people give: checked where they come in, and repeated in messages without who asks."""

import re
from urllib.parse import urlsplit

from tulou.kernel.errors import InvalidError

_USERINFO = re.compile(r"(?<=://)(?:[^\s/?#:@]*:(?!\d+[/?#])\S*|[^\s/?#]*)@")
"""A user and a password, which may hold an `@` or, from people who know no better, a `/`."""

_WORD = re.compile(r"\S+")


def without_userinfo(text: str) -> str:
    """Return a text without the user and the password that may stand in an address of it.

    Takes time in proportion to the text, whatever is in it: texts of others are shown in messages too.
    """
    return _WORD.sub(_word_without, text) if "@" in text else text


def http_address(text: str, *, name: str) -> str:
    """Return an address without a slash at its end; raise `InvalidError`, which does not repeat it, for what is none.

    `name` says where it was given.
    """
    if not _is_http(text):
        raise InvalidError(f"{name} is no address of HTTP; write http://HOST:PORT or https://HOST", param=name)
    return text.rstrip("/")


def _word_without(word: re.Match[str]) -> str:
    """Search up to the last `@` alone: from each `://` before it there is one to be found, and after it none."""
    text = word[0]
    end = text.rfind("@") + 1
    return _USERINFO.sub("", text[:end]) + text[end:]


def _is_http(text: str) -> bool:
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
