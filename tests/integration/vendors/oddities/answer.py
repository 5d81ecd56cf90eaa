"""A vendor's good answer in parts, and the bytes that go over the wire instead of it."""

import gzip
from binascii import crc32
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import pack, unpack
from typing import Any, Literal

import msgspec

from tulou.services.gateway.tests.vendors.speech import Speech

Edit = Callable[[dict[str, Any]], Any]
"""Changes one JSON object of an answer: the whole one, or that of each event of a stream."""

End = Literal["close", "reset", "hold"]
"""Close the connection, break it, or say nothing more until the other side leaves."""

JSON = b"application/json"
CRLF = b"\r\n"


@dataclass(frozen=True)
class Wire:
    """What is written, piece by piece, and how it ends."""

    pieces: tuple[bytes, ...]
    end: End = "close"


@dataclass(frozen=True)
class Good:
    """How a dialect says "hello": one JSON object, or frames."""

    speech: Speech
    stream: bool

    @property
    def kind(self) -> bytes:
        """The content type."""
        return self.speech.content_type if self.stream else JSON

    @property
    def binary(self) -> bool:
        """Whether its frames are no text."""
        return self.stream and self.speech.dialect == "bedrock"

    @property
    def frames(self) -> Sequence[bytes]:
        """The frames of a stream; a whole answer is one."""
        if not self.stream:
            return (msgspec.json.encode(self.speech.text.whole),)
        return self.speech.text.frames

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.frames)

    def edited(self, edit: Edit) -> bytes:
        """Return the body with each of its objects changed."""
        if not self.stream:
            return encoded(edit(msgspec.json.decode(self.body)))
        return b"".join(self.frames_edited(edit))

    def frames_edited(self, edit: Edit) -> Sequence[bytes]:
        """Return the frames with each of their objects changed."""
        change = _binary_frame if self.binary else _text_frame
        return [change(frame, edit) for frame in self.frames]


def encoded(value: object) -> bytes:
    """Return JSON; bytes are JSON already, however bad."""
    return value if isinstance(value, bytes) else msgspec.json.encode(value)


def head(status: bytes, *headers: bytes) -> bytes:
    """Return the head of an answer."""
    return b"HTTP/1.1 %b\r\n%b\r\n" % (status, b"".join(one + CRLF for one in headers))


def answer(body: bytes, kind: bytes, *headers: bytes, status: bytes = b"200 OK") -> Wire:
    """Return a well framed answer."""
    return Wire((head(status, b"content-type: " + kind, b"content-length: %d" % len(body), *headers) + body,))


def chunked(*chunks: bytes, extension: bytes = b"", trailer: bytes = b"", last: bool = True) -> bytes:
    """Return chunks as HTTP/1.1 frames them."""
    framed = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk) for chunk in chunks if chunk)
    return framed + (b"0\r\n%b\r\n" % trailer if last else b"")


def zipped(body: bytes) -> bytes:
    """Return a body as gzip."""
    return gzip.compress(body, mtime=0)


def _text_frame(frame: bytes, edit: Edit) -> bytes:
    """Change the object of a server-sent event; one without an object stays."""
    lines = frame.splitlines(keepends=True)
    for number, line in enumerate(lines):
        payload = line.strip().removeprefix(b"data:").strip()
        if line.startswith(b"data:") and payload.startswith(b"{"):
            ending = b"\r\n" if line.endswith(b"\r\n") else b"\n"
            lines[number] = b"data: " + encoded(edit(msgspec.json.decode(payload))) + ending
    return b"".join(lines)


def _binary_frame(frame: bytes, edit: Edit) -> bytes:
    """Change the object of a message of AWS's event stream, and its sums."""
    size = unpack("!I", frame[4:8])[0]
    headers, payload = frame[12 : 12 + size], frame[12 + size : -4]
    return message(headers, encoded(edit(msgspec.json.decode(payload))))


def message(headers: bytes, payload: bytes) -> bytes:
    """Return a message of AWS's event stream."""
    prelude = pack("!II", 16 + len(headers) + len(payload), len(headers))
    prelude += pack("!I", crc32(prelude))
    whole = prelude + headers + payload
    return whole + pack("!I", crc32(whole))
