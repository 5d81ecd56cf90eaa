"""Server-sent events: where they end, and what they bring; the framing is that of the HTML standard, section 9.2."""

import re
from collections.abc import Iterator

FRAME_BYTES = 16 * 1024 * 1024
"""What one event may take; a picture in base64 fits, a stream without ends does not."""

_USUAL = re.compile(rb"(?:(?!data:)[^\r\n]*\r?\n)?data:([^\r\n]*)[\r\n]*\Z")
"""One line of data, behind a name at most."""


class Sse:
    """Cuts a stream of bytes into events, wherever the network cut it."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the data of each event that is complete now."""
        held = self._held + data if self._held else data
        if b"\r" in held:
            held = held.replace(b"\r\n", b"\n")
            # A CR at the end may be half of a line's end; before it there is no other that stands alone in JSON.
            if not held.endswith(b"\r"):
                held = held.replace(b"\r", b"\n")
        *frames, self._held = held.split(b"\n\n")
        if len(self._held) > FRAME_BYTES:
            raise ValueError(f"an event of the stream is larger than {FRAME_BYTES} bytes")
        return (data for frame in frames if (data := payload(frame)))

    def end(self) -> Iterator[bytes]:
        """Yield what an event that lacks its empty line brings; some servers leave out the last one."""
        frame, self._held = self._held, b""
        if data := payload(frame):
            yield data


def frame(data: bytes) -> bytes:
    """Return an event without a name."""
    return b"data: %b\n\n" % data


def named_frame(name: str, data: bytes) -> bytes:
    """Return an event with its name."""
    return b"event: %b\ndata: %b\n\n" % (name.encode("ascii"), data)


def payload(event: bytes) -> bytes:
    """Return the `data:` lines of an event, joined; its end may be there or not."""
    if (usual := _USUAL.match(event)) is not None:
        return usual[1].strip()
    return b"\n".join([line[5:].strip() for line in event.splitlines() if line.startswith(b"data:")])
