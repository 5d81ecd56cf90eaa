"""One entry, one line: the CRC-32 of its JSON in eight hex digits, a space, the JSON, a line feed.

Who reads lines needs to know only whether they are whole: what they say is for metering to understand.
"""

from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

import msgspec

from tulou.contracts.metering.messages import Entry
from tulou.services.gateway.ledger.record import EntryRecord

_encode = msgspec.json.Encoder().encode

HEAD = 9
"""Bytes before the JSON."""


class SegmentLine(NamedTuple):
    """A line of a segment: its entry's JSON, or None if it was torn; `end` is where the next one begins."""

    entry: bytes | None
    end: int


def encode(entry: Entry | EntryRecord) -> bytes:
    """Return the JSON of an entry, without a line feed of its own: so a line's end is never in doubt."""
    return _encode(entry)


def line_of(body: bytes) -> bytes:
    """Return the line of an entry's JSON."""
    return b"%08x %b\n" % (crc32(body), body)


def read(data: bytes, start: int) -> Iterator[SegmentLine]:
    """Yield the whole lines of data that stands at `start` in its file; what follows the last line feed is left out."""
    place = 0
    while (end := data.find(b"\n", place)) >= 0:
        yield SegmentLine(_entry(data[place:end]), start + end + 1)
        place = end + 1


def _entry(line: bytes) -> bytes | None:
    line = line.lstrip(b"\0")  # a file system that lost power may leave zeros where lines should be
    body = line[HEAD:]
    return body if line[:HEAD] == b"%08x " % crc32(body) else None
