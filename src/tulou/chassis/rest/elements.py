"""How many things a body of JSON is made of: in memory each takes a hundred times what it takes on the wire.

And how deep they lie: a parser that gives up holds on to each level that it has come to until the collector comes by.
"""

import re

from tulou.kernel.errors import InvalidError, TooLargeError

MOST = 100_000
"""More than any document has: two thousand prices are some thirty thousand."""
DEEPEST = 100
START = 4096

_OPENING = (b"{", b"[", b",")
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A string, also one without an end: whatever comes, each byte is looked at once."""
_BETWEEN = re.compile(rb"[^\[\]{}]+")


def check_elements(body: bytes | bytearray) -> None:
    """Raise `TooLargeError` for more elements than anybody needs, and `InvalidError` for what lies too deep.

    What looks like an element inside a string does not count.
    """
    if body.count(b"{") + body.count(b"[") <= DEEPEST and _count(body) <= MOST:
        return
    _check_depth(_TEXT.sub(b"", body[:START]))  # most that lies too deep does so from its beginning
    bare = _TEXT.sub(b"", body)
    if _count(bare) > MOST:
        raise TooLargeError(f"the body has more than {MOST:,} elements; send what is in it in several requests")
    _check_depth(bare)


def _count(body: bytes | bytearray) -> int:
    return sum(body.count(mark) for mark in _OPENING)


def _check_depth(bare: bytes) -> None:
    depth = 0
    for bracket in _BETWEEN.sub(b"", bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise InvalidError(f"the body is not JSON that anybody reads: it is nested more than {DEEPEST} deep")
