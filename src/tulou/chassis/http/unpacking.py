"""Answers that came compressed, though nobody asked for that: unpacked as they come, a bounded piece at a time."""

import zlib

from tulou.chassis.http.errors import BrokenError

KNOWN = frozenset({b"gzip", b"x-gzip", b"deflate"})
PIECE_BYTES = 256 * 1024
"""What one step brings at most, however little it was packed into."""

ANY_HEADER = 32 + zlib.MAX_WBITS


class Unpacker:
    """Takes what arrives; `BrokenError` says that it is not packed as it was said to be, or not to its end."""

    __slots__ = ("_begun", "_left", "_packed")

    def __init__(self) -> None:
        self._packed = zlib.decompressobj(ANY_HEADER)
        self._left = b""
        self._begun = False

    def feed(self, data: bytes) -> None:
        """Take what has arrived."""
        self._left += data

    def next(self) -> bytes:
        """Return the next piece, nothing when more must arrive first."""
        while self._left:
            if self._packed.eof:  # the next member of several
                self._packed = zlib.decompressobj(ANY_HEADER)
            try:
                piece = self._packed.decompress(self._left, PIECE_BYTES)
            except zlib.error as error:
                raise BrokenError(f"the answer is not packed as it says: {error}") from error
            self._left = self._packed.unused_data or self._packed.unconsumed_tail
            self._begun = True
            if piece:
                return piece
        return b""

    def end(self) -> None:
        """Raise if something is missing."""
        if self._begun and not self._packed.eof:
            raise BrokenError("the answer was packed, and ended before its end")
