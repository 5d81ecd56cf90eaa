"""Server-sent events: where they end, and what they bring; the framing is that of the HTML standard, section 9.2."""

import re
from collections.abc import Iterator

FRAME_BYTES = 16 * 1024 * 1024
"""What one event may take; a picture in base64 fits, a stream without ends does not."""

EVENT_END = re.compile(rb"\r?\n\r?\n")
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


def split_complete(data: bytes) -> tuple[bytes, bytes]:
    """Return the complete events at the start, and the piece of one that follows them."""
    if data.endswith((b"\n\n", b"\n\r\n")):
        return data, b""
    lf, crlf = data.rfind(b"\n\n"), data.rfind(b"\n\r\n")
    end = max(lf + 2 if lf >= 0 else 0, crlf + 3 if crlf >= 0 else 0)
    return data[:end], data[end:]


def split_events(data: bytes) -> list[bytes]:
    """Return each complete event with its end; a piece of one comes last, without."""
    if b"\r" not in data:
        *whole, piece = data.split(b"\n\n")
        ended = [event + b"\n\n" for event in whole]
        return [*ended, piece] if piece else ended
    events: list[bytes] = []
    start = 0
    for end in EVENT_END.finditer(data):
        events.append(data[start : end.end()])
        start = end.end()
    return [*events, data[start:]] if start < len(data) else events


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
