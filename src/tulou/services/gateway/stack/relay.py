"""Passes a stream on as bytes, whole events at a time, and reads the token counts on the way."""

import re

from tulou.services.gateway.dialects.events import Miscounted
from tulou.services.gateway.dialects.sse import split_complete, split_events
from tulou.services.gateway.stack.events import mentions_usage, read_usage, written_size
from tulou.services.gateway.usage import Usage, tokens_in

PIECE_BYTES = 256 * 1024
"""A longer event is passed on in pieces, so that its size is nobody's concern."""
_FINISH = re.compile(rb'"finish_reason"\s*:\s*"|^data: ?\[DONE\]', re.MULTILINE)
LARGE_BYTES = 400
"""An event brings about a token; in a larger one that is looked up, for engines that send many at once."""


class Relay:
    """Only whole events go out, so that an error event can follow whenever the upstream breaks."""

    __slots__ = ("_before", "_last", "_piece", "_strip_usage", "_torn", "events", "tokens", "usage")

    def __init__(self, *, strip_usage: bool) -> None:
        self.usage: Usage | Miscounted | None = None
        self.events = 0
        self.tokens = 0
        """What the events seem to bring, where nobody reports it."""
        self._strip_usage = strip_usage
        self._piece = b""
        self._torn = False
        self._before = self._last = b""

    @property
    def finished(self) -> bool:
        """Whether one of the last events says why the answer ended; what follows that are counts alone."""
        return _FINISH.search(self._before + self._last + self._piece) is not None

    @property
    def torn(self) -> bool:
        """Whether the client has a part of an event that was never completed."""
        return self._torn

    def feed(self, data: bytes) -> bytes:
        """Take what has come and return what may go out."""
        if self._piece:
            data = self._piece + data
        whole, self._piece = split_complete(data)
        if whole:
            self._torn = False
            self._before, self._last = self._last, whole
            events = whole.count(b"\n\n") or whole.count(b"\r\n\r\n")
            events = events or whole.count(b"\n\r\n")
            self.events += events
            self.tokens += events if len(whole) <= LARGE_BYTES * events else max(events, tokens_in(written_size(whole)))
            if b'"usage"' in whole and mentions_usage(whole):
                whole = self._read(whole)
        if len(self._piece) > PIECE_BYTES:
            whole += self._piece
            self._piece = b""
            self._torn = True
        return whole

    def end(self) -> bytes:
        """Return what is left when the stream ends without an empty line."""
        piece, self._piece = self._piece, b""
        if piece and mentions_usage(piece):
            return self._read(piece)
        return piece

    def _read(self, whole: bytes) -> bytes:
        kept: list[bytes] = []
        for event in split_events(whole):
            usage, alone = read_usage(event) if b'"usage"' in event else (None, False)
            if usage is not None:
                self.usage = usage
            if not (usage and alone and self._strip_usage):
                kept.append(event)
        return b"".join(kept)
