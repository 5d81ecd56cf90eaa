"""Which passwords are good enough: NIST SP 800-63B, section 3.1.1 (length and lists; no rules of composition)."""

import unicodedata
from itertools import pairwise

from tulou.kernel.errors import InvalidError
from tulou.services.identity.domain.well_known import WELL_KNOWN

MOST = 256
"""Characters: more than anybody remembers, and little enough to hash."""
_DIFFERENT = 5
_WORD = 4
_CONTEXT = ("tulou",)


def normal(password: str) -> str:
    """Return a password in one form, however a keyboard composes its letters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, least: int, about: tuple[str, ...] = ()) -> None:
    """Raise `InvalidError` for one that is short, well known, monotonous, or says no more than `about` does."""
    text = normal(password)
    if not least <= len(text) <= MOST:
        raise InvalidError(
            f"a password has {least} to {MOST} characters; several words make a good one", param="password"
        )
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise InvalidError("a password has no control characters", param="password")
    plain = text.casefold()
    if plain in WELL_KNOWN or len(set(plain)) < _DIFFERENT or _is_a_run(plain):
        raise InvalidError("this password is one of those that are guessed first; take another", param="password")
    if _says_only(plain, (*about, *_CONTEXT)):
        raise InvalidError("this password is little more than a name that is known; take another", param="password")


def _is_a_run(text: str) -> bool:
    """Say whether a text only counts up or down, or says the same few letters again and again."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    again = any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))
    return again or steps <= {1, -9} or steps <= {-1, 9}


def _says_only(text: str, about: tuple[str, ...]) -> bool:
    """Say whether hardly anything is left of a text without the words that are known."""
    words = sorted((word.casefold() for word in about if len(word) >= _WORD), key=len, reverse=True)
    left = text
    for word in words:
        left = left.replace(word, "")
    return left != text and len({letter for letter in left if letter.isalnum()}) < _DIFFERENT
