"""Secrets that the house makes: what they look like, and what is kept of them."""

import hashlib
import secrets

from tulou.kernel.message import message

KEY_START = "sk-tulou-"
SESSION_START = "st-tulou-"

PREFIX_LENGTH = 8
KEY_LENGTH = PREFIX_LENGTH + 40
"""Base 62: 238 random bits beyond the prefix that is shown. So much that a plain SHA-256 protects it; slow hashes are
for what people think up."""
SESSION_LENGTH = 43
"""Base 62: 256 random bits."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@message
class NewSecret:
    """A fresh secret: `text` is said once, `prefix` may be shown, `digest` is kept."""

    text: str
    prefix: str
    digest: str


def new_key_secret() -> NewSecret:
    """Return the secret of a key, which nobody can guess."""
    return _made(KEY_START, KEY_LENGTH)


def new_session_secret() -> NewSecret:
    """Return the secret of a session; its prefix is never shown."""
    return _made(SESSION_START, SESSION_LENGTH)


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a secret in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def looks_like_a_key(text: str) -> bool:
    """Say whether a text could be a key of this house, without asking anybody."""
    return text.startswith(KEY_START) and len(text) == len(KEY_START) + KEY_LENGTH


def looks_like_a_session(text: str) -> bool:
    """Say whether a text could be a session of this house, without asking anybody."""
    return text.startswith(SESSION_START) and len(text) == len(SESSION_START) + SESSION_LENGTH


def _made(start: str, length: int) -> NewSecret:
    text = start + "".join(secrets.choice(_BASE62) for _ in range(length))
    return NewSecret(text=text, prefix=text[: len(start) + PREFIX_LENGTH], digest=digest_of(text))
