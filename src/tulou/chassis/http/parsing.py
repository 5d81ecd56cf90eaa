"""Reads requests with llhttp, one at a time and within bounds.

llhttp takes all that it is given, and httptools joins the pieces of a line in memory, for a time that grows with their
square. So it is never given more of a head, of the sizes of chunks or of trailers than may be kept, nor anything that
is behind the request's end: a request ends with an empty line, or where its content-length says.
"""

import re
from typing import NoReturn, Protocol

import httptools

from tulou.chassis.http.refusal import (
    FRAMING_TOO_LARGE,
    HEAD_TOO_LARGE,
    MALFORMED,
    TUNNEL,
    WRONG_CODING,
    WRONG_HOST,
    WRONG_VERSION,
    Refusal,
    RefusedError,
)
from tulou.chassis.http.request import Header

EMPTY_LINE = b"\r\n\r\n"
BLANK = b"\r\n"
VERSIONS = frozenset({"1.0", "1.1"})
HEEDED = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"host"})
"""Headers that say how a request goes on, and the one that a URL is made of."""

HOST = re.compile(rb"[\w.~!$&'()*+,;=%:\[\]-]*", re.ASCII)
"""A name or an address, and perhaps a port (RFC 3986, section 3.2): nothing that would end it in a URL."""

CHUNKED = -1
"""In place of the bytes that are left of a body: nobody knows how many."""

HEADER_BYTES = 32
"""What a header counts beside its text, as in HTTP/2 (RFC 9113, section 6.5.2): its objects take memory, too."""

CHUNK_BYTES = 16
"""What may stand around each byte of a chunked body: the size of a chunk of one byte, and a short extension."""

SLICE = 16 * 1024
"""Of a chunked body at once: what of it may turn out to be trailers takes memory until it is dropped."""


class Head:
    """A request's head as it was said."""

    __slots__ = ("expects", "headers", "keep_alive", "method", "url", "version")

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[Header] = []
        self.expects = False
        self.method = b""
        self.version = ""
        self.keep_alive = True


class Listener(Protocol):
    """Who is told of requests; what it raises ends the parsing."""

    def begun(self, head: Head) -> None:
        """Take a request whose head is here."""
        ...

    def body(self, piece: bytes) -> None:
        """Take a piece of its body."""
        ...

    def complete(self) -> None:
        """Take note that it is here to its last byte."""
        ...


class RequestReader:
    """Never holds more than about `head_bytes`, whatever comes; raises `RefusedError` for what is no request."""

    def __init__(self, listener: Listener, *, head_bytes: int) -> None:
        self._listener = listener
        self._head_bytes = head_bytes
        self._parser = httptools.HttpRequestParser(self)
        self._head = Head()
        self._length = self._left = 0  # of the body: what the head says, and what has not come yet
        self._unheard = 0  # bytes since the parser last had something whole to say
        self._framing = 0  # bytes of a chunked body that are no data
        self._tail = b""
        self._offers = self._declines = self._named = False
        self._error = MALFORMED

    @property
    def between(self) -> bool:
        """Whether nothing of a request has come that is not complete."""
        return not self._unheard and not self._left

    def feed(self, data: bytes, at: int) -> int:
        """Read from there, to the end of one request at most; return up to where."""
        if self._left > 0:
            upto = min(len(data), at + self._left)
            self._left -= upto - at
            self._parse(data[at:upto])
            return upto
        upto = self._portion(data, at)
        piece = data[at:upto]
        self._unheard += len(piece)
        if self._left:
            self._parse_chunks(piece)
        else:
            self._parse(piece)
            if self._unheard:
                self._weigh_head()
        self._tail = (self._tail + piece)[-3:] if self._unheard or self._left else b""
        return upto

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Start over."""
        self._head = Head()
        self._offers = self._named = False

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._head.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, in lower case."""
        name = name.lower()
        if name in HEEDED and not self._left:  # trailers change nothing
            self._heed(name, value)
        self._head.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Go on to the body, and to work."""
        head = self._head
        self._weigh_head()
        head.version, head.method = self._parser.get_http_version(), self._parser.get_method()
        if head.version not in VERSIONS:
            self._fail(WRONG_VERSION)
        if head.method == b"CONNECT":
            self._fail(TUNNEL)
        if self._length == CHUNKED and head.version == "1.0":
            self._fail(MALFORMED)
        self._declines = self._offers and self._parser.should_upgrade()
        if self._declines:
            return
        head.keep_alive = head.version == "1.1" and self._parser.should_keep_alive()
        self._unheard = self._framing = 0
        self._left = self._length
        self._listener.begun(head)
        if self._left == CHUNKED:
            self._head = Head()  # takes the trailers, which nobody gets

    def on_body(self, body: bytes) -> None:
        """Pass a piece of the body on."""
        self._unheard = 0
        self._framing -= CHUNK_BYTES * len(body)
        self._listener.body(body)

    def on_message_complete(self) -> None:
        """Pass on that the request is whole, unless it is to be read once more."""
        if not self._declines:
            self._left = self._length = self._unheard = 0
            self._listener.complete()

    def _portion(self, data: bytes, at: int) -> int:
        """Return up to where the parser may be given data; raise `RefusedError` when it had all it may have."""
        size = -1
        if self._tail:
            size = (self._tail + data[at : at + 3]).find(EMPTY_LINE) + len(EMPTY_LINE) - len(self._tail)
        if size <= 0:
            found = data.find(EMPTY_LINE, at)
            size = (found + len(EMPTY_LINE) if found >= 0 else len(data)) - at
        room = self._head_bytes - self._unheard
        if self._left:
            size = min(size, room, SLICE)
        if size > room or not size:
            raise RefusedError(*(FRAMING_TOO_LARGE if self._left else HEAD_TOO_LARGE))
        return at + size

    def _parse(self, piece: bytes) -> None:
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._decline()
        except httptools.HttpParserError as error:
            raise RefusedError(*self._error) from error

    def _parse_chunks(self, piece: bytes) -> None:
        self._framing += len(piece)
        self._parse(piece)
        self._head.headers.clear()
        if self._left and self._framing > self._head_bytes:
            raise RefusedError(*FRAMING_TOO_LARGE)

    def _heed(self, name: bytes, value: bytes) -> None:
        match name:
            case b"host":
                if self._named or not HOST.fullmatch(value):
                    self._fail(WRONG_HOST)
                self._named = True
            case b"content-length":
                self._length = int(value)
            case b"transfer-encoding":
                if value.strip().lower() != b"chunked":
                    self._fail(WRONG_CODING)
                self._length = CHUNKED
            case b"upgrade":
                self._offers = True
            case _:
                self._head.expects = value.lower() == b"100-continue"

    def _weigh_head(self) -> None:
        if self._unheard + HEADER_BYTES * len(self._head.headers) > self._head_bytes:
            self._fail(HEAD_TOO_LARGE)

    def _fail(self, refusal: Refusal) -> NoReturn:
        self._error = refusal  # httptools puts errors of its own in the place of those that it is raised
        raise RefusedError(*refusal)

    def _decline(self) -> None:
        """Read the head again without its offer to speak another protocol, for which llhttp leaves the body out."""
        head = self._head
        lines = [b": ".join(header) for header in head.headers if header[0] != b"upgrade"]
        start = b"%b %b HTTP/%b" % (head.method, head.url, head.version.encode())
        self._parser = httptools.HttpRequestParser(self)
        self._length = 0
        self._parse(b"\r\n".join((start, *lines, b"", b"")))
