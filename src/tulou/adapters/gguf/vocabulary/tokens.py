"""The tokens in the order of their numbers: how each is written, its kind, and how early its merge comes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from tulou.adapters.gguf.vocabulary.shapes import Added, Tokenizer
from tulou.adapters.gguf.vocabulary.spaces import SPACE
from tulou.kernel.errors import InvalidError

_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
LAST = -1e6
"""The score of a token that no merge makes: only what it stands for alone becomes it."""


class TokenKind(IntEnum):
    """Kinds of tokens in GGUF."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True, slots=True)
class TokenTable:
    """One item for each token."""

    texts: tuple[str, ...]
    kinds: tuple[TokenKind, ...]


def list_tokens(found: Tokenizer, size: int) -> TokenTable:
    """Return *size* tokens, those that have no number filled in; raise `InvalidError` when there are more."""
    by_id = {number: (token, _kind(token, found)) for token, number in found.model.vocab.items()}
    for added in found.added_tokens:
        by_id[added.id] = (_written(added, found), TokenKind.CONTROL if added.special else TokenKind.USER_DEFINED)
    if found.model.byte_fallback and (unknown := found.model.unk_token) in found.model.vocab:
        by_id[found.model.vocab[unknown]] = (unknown, TokenKind.UNKNOWN)
    if by_id and (max(by_id) >= size or min(by_id) < 0):
        raise InvalidError(
            f"tokenizer.json has {max(by_id) + 1} tokens, the weights {size}; they do not belong together", param="path"
        )
    filled = [by_id.get(number, (f"[PAD{number}]", TokenKind.UNUSED)) for number in range(size)]
    return TokenTable(tuple(text for text, _ in filled), tuple(kind for _, kind in filled))


def merges_of(found: Tokenizer) -> list[tuple[str, str]]:
    """Return the pairs that are merged, best first; raise `InvalidError` for one that is no pair."""
    pairs: list[tuple[str, str]] = []
    for number, merge in enumerate(found.model.merges):
        left, cut, right = merge.partition(" ") if isinstance(merge, str) else (merge[0], " ", merge[1])
        if not (left and cut and right):
            raise InvalidError(
                f"tokenizer.json: merge {number} ({merge!r:.40}) is no pair; fetch it again", param="path"
            )
        pairs.append((left, right))
    return pairs


def scores_of(found: Tokenizer, tokens: TokenTable) -> list[float]:
    """Return what llama.cpp merges SentencePiece tokens by: the earlier the first merge that makes one, the higher."""
    first: dict[str, int] = {}
    for rank, (left, right) in enumerate(merges_of(found)):
        first.setdefault(left + right, rank)
    return [-float(first[text]) if text in first else LAST for text in tokens.texts]


def ids_of(tokens: TokenTable) -> Mapping[str, int]:
    """Return the number of each token."""
    return {text: number for number, text in enumerate(tokens.texts)}


def _kind(token: str, found: Tokenizer) -> TokenKind:
    return TokenKind.BYTE if found.model.byte_fallback and _BYTE.fullmatch(token) else TokenKind.NORMAL


def _written(added: Added, found: Tokenizer) -> str:
    """Return an added token as it stands in a text; a normalized one is compared with text whose spaces are written."""
    return added.content.replace(SPACE, " ") if added.normalized and found.model.byte_fallback else added.content
