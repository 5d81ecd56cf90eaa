"""How large what a model folder says may be: beyond all that is published, and within what GGUF can hold."""

from typing import Annotated

import msgspec

VOCABULARY_CAP = 2**21
"""Tokens; the largest vocabularies that are published have some 260,000."""
SHOWN = 80
"""Characters of a file's own words that an error repeats."""

Vocabulary = Annotated[int, msgspec.Meta(ge=1, le=VOCABULARY_CAP)]
Layers = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Width = Annotated[int, msgspec.Meta(ge=1, le=2**20)]
"""Of a state, of a feed-forward layer, of a head; and how many heads there are."""
Context = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
Length = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
"""Tokens of a context; of a window or of an older context, where 0 says that there is none."""
Real = Annotated[float, msgspec.Meta(ge=1e-30, le=1e30)]
"""A positive number that 32 bits can hold, and what is computed from it too."""


def shown(value: object) -> str:
    """Return a file's own value as an error repeats it: its first characters, marked where more follow."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
