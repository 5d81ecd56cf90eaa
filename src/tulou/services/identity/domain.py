"""What a secret looks like, and what a key may be called."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import get_args

from tulou.contracts.identity.messages import CreateKey, Key, Scope
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

SECRET_START = "sk-tulou-"  # noqa: S105 - the part that all secrets share
PREFIX_LENGTH = 8
RANDOM_LENGTH = 40
"""Base 62: 238 random bits. So much that a plain SHA-256 protects it; slow hashes are for what people think up."""

NAME_CAP = 100
MODELS_CAP = 100
PAGE_CAP = 500

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}")
_MODEL = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9._:/*?-]{0,127}")


@message
class Secret:
    """A fresh secret: `text` is said once, `prefix` may be shown, `digest` is kept."""

    text: str
    prefix: str
    digest: str


def new_secret() -> Secret:
    """Return a secret that nobody can guess."""
    letters = "".join(secrets.choice(_BASE62) for _ in range(PREFIX_LENGTH + RANDOM_LENGTH))
    text = SECRET_START + letters
    return Secret(text=text, prefix=text[: len(SECRET_START) + PREFIX_LENGTH], digest=digest_of(text))


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a secret in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def looks_like_a_secret(text: str) -> bool:
    """Say whether a text could be one of our secrets, without asking anybody."""
    return text.startswith(SECRET_START) and len(text) == len(SECRET_START) + PREFIX_LENGTH + RANDOM_LENGTH


def check_create(request: CreateKey, *, now: float) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    _check_name(request.name)
    for param, owner in (("principal", request.principal), ("tenant", request.tenant)):
        if not _OWNER.fullmatch(owner):
            raise InvalidError(f"{param} {owner!r} is not 1 to 63 letters, digits or ._@+-", param=param)
    _check_scopes(request.scopes)
    _check_models(request.models)
    if request.expires_at is not None and not now < request.expires_at < float("inf"):
        raise InvalidError("expires_at is not in the future; it counts Unix seconds", param="expires_at")


def why_not_valid(key: Key, *, now: float) -> str:
    """Return why a key opens nothing any more; empty if it does."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and now >= key.expires_at:
        return "expired"
    return ""


def page_limit(limit: int) -> int:
    """Return the size of a page; raise `InvalidError` for one that makes no sense."""
    if not 1 <= limit <= PAGE_CAP:
        raise InvalidError(f"limit is {limit}; it may be 1 to {PAGE_CAP}", param="limit")
    return limit


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= NAME_CAP or not name.isprintable() or name != name.strip():
        why = f"1 to {NAME_CAP} characters, none of them a control character, no space at either end"
        raise InvalidError(f"the name of a key has {why}", param="name")


def _check_scopes(scopes: Sequence[Scope]) -> None:
    known = get_args(Scope)
    if not scopes or len(set(scopes)) != len(scopes) or not set(scopes) <= set(known):
        raise InvalidError(f"scopes must be one or more of {', '.join(known)}, each once", param="scopes")


def _check_models(models: Sequence[str]) -> None:
    if not 1 <= len(models) <= MODELS_CAP:
        raise InvalidError(f"models has {len(models)} entries; it may have 1 to {MODELS_CAP}", param="models")
    for place, model in enumerate(models):
        if not _MODEL.fullmatch(model):
            param = f"models[{place}]"
            raise InvalidError(f"{param} is no name or pattern of a model; `*` stands for all", param=param)
