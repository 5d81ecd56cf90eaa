"""Cuts words as vendors do."""

from collections.abc import Iterator


def pieces(text: str, size: int = 7) -> Iterator[str]:
    """Yield a text in pieces."""
    for at in range(0, len(text), size):
        yield text[at : at + size]
