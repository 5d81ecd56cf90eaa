"""How many things a body of JSON is made of: in memory each takes a hundred times what it takes on the wire."""

import re

MOST = 100_000
"""More than any document has: two thousand prices are some thirty thousand."""

_OPENING = (b"{", b"[", b",")
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A string, also one without an end: whatever comes, each byte is looked at once."""


def too_many(body: bytes | bytearray) -> bool:
    """Say whether a body has more elements than anybody needs; what looks like one inside a string does not count."""
    return _count(body) > MOST and _count(_TEXT.sub(b"", body)) > MOST


def _count(body: bytes | bytearray) -> int:
    return sum(body.count(mark) for mark in _OPENING)
