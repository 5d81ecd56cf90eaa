"""The binary framing of AWS event streams (`application/vnd.amazon.eventstream`).

A message is: total length (4 bytes), length of the headers (4), CRC-32 of these eight bytes (4), headers, payload, and
CRC-32 of all that came before (4); numbers are big-endian. A header is the length of its name (1), the name, the type
of its value (1) and the value.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

PRELUDE = 12
TRAILER = 4
MESSAGE_BYTES = 24 * 1024 * 1024
"""What one message may take; AWS itself sends at most 16 MiB of payload and 128 KiB of headers."""

_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_LENGTH = struct.Struct(">H")
_FIXED = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""How long values of a fixed size are, by their type: true, false, byte, short, int, long, time, UUID."""

_BYTES, _STRING = 6, 7


class Message(NamedTuple):
    """Headers that are strings, and the payload."""

    headers: dict[str, str]
    payload: bytes


class Frames:
    """Cuts a stream of bytes into messages, wherever the network cut it."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    @property
    def torn(self) -> bool:
        """Whether a piece of a message is held."""
        return bool(self._held)

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield each message that is complete now; raise `ValueError` for a wrong length or checksum."""
        held = self._held + data
        at = 0
        try:
            while len(held) - at >= PRELUDE:
                total, headers = _prelude(held, at)
                if len(held) - at < total:
                    break
                yield _message(held[at : at + total], headers)
                at += total
        finally:
            self._held = held[at:]


def _prelude(held: bytes, at: int) -> tuple[int, int]:
    total, headers, check = _PRELUDE.unpack_from(held, at)
    if check != crc32(held[at : at + PRELUDE - TRAILER]):
        raise ValueError("the checksum of a message's prelude is wrong")
    if not PRELUDE + TRAILER + headers <= total <= MESSAGE_BYTES:
        raise ValueError(f"a message of {total} bytes with {headers} bytes of headers cannot be")
    return total, headers


def _message(message: bytes, headers: int) -> Message:
    (check,) = _CRC.unpack_from(message, len(message) - TRAILER)
    if check != crc32(message[:-TRAILER]):
        raise ValueError("the checksum of a message is wrong")
    end = PRELUDE + headers
    return Message(dict(_headers(message[PRELUDE:end])), message[end:-TRAILER])


def _headers(data: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    try:
        while at < len(data):
            length = data[at]
            name = data[at + 1 : at + 1 + length].decode()
            at += 1 + length
            kind = data[at]
            at += 1
            if kind in _FIXED:
                at += _FIXED[kind]
                continue
            if kind not in {_BYTES, _STRING}:
                raise ValueError(f"a header's value is of the unknown type {kind}")
            (size,) = _LENGTH.unpack_from(data, at)
            at += _LENGTH.size
            if kind == _STRING:
                yield name, data[at : at + size].decode()
            at += size
    except (IndexError, struct.error) as error:
        raise ValueError("the headers of a message are cut off") from error
    if at != len(data):
        raise ValueError("the headers of a message are cut off")
