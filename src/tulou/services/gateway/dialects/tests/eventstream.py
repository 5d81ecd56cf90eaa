"""Writes AWS event streams, as Bedrock does."""

import struct
from collections.abc import Mapping
from zlib import crc32

STRING = 7


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    packed = b"".join(
        struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", STRING, len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    head = struct.pack(">II", 12 + len(packed) + len(payload) + 4, len(packed))
    told = head + struct.pack(">I", crc32(head)) + packed + payload
    return told + struct.pack(">I", crc32(told))


def event(kind: str, payload: bytes) -> bytes:
    return message({":event-type": kind, ":content-type": "application/json", ":message-type": "event"}, payload)


def exception(kind: str, payload: bytes) -> bytes:
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return message(headers, payload)
