"""Reads requests with llhttp, one at a time and within bounds.

llhttp takes all that it is given, and httptools joins the pieces of a line in memory, for a time that grows with their
square. So it is never given more of a head, of the sizes of chunks or of trailers than may be kept, nor anything that
is behind the request's end: a request ends with an empty line, or where its content-length says.
"""

import string
from typing import NoReturn

import httptools

from tulou.http.header import Header
from tulou.http.server.refusal import (
    FRAMING_TOO_LARGE,
    HEAD_TOO_LARGE,
    MALFORMED,
    TUNNEL,
    WRONG_CODING,
    WRONG_HOST,
    WRONG_VERSION,
    Refusal,
    RequestRefusedError,
)

EMPTY_LINE = b"\r\n\r\n"
EMPTY = len(EMPTY_LINE)
BLANK = b"\r\n"
HEEDED = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"host"})
"""Headers that say how a request goes on, and the one that a URL is made of."""

HOST = string.ascii_letters.encode() + string.digits.encode() + b"-._~!$&'()*+,;=%:[]"
"""Bytes of a name or an address, and perhaps a port (RFC 3986, section 3.2): none would end it in a URL."""

CHUNKED = -1
"""In place of the bytes that are left of a body: nobody knows how many."""

HEADER_BYTES = 32
"""What a header counts beside its text, as in HTTP/2 (RFC 9113, section 6.5.2): its objects take memory, too."""

CHUNK_BYTES = 16
"""What may stand around each byte of a chunked body: the size of a chunk of one byte, and a short extension."""

SLICE = 16 * 1024
"""Of a chunked body at once: what of it may turn out to be trailers takes memory until it is dropped."""


class RequestReader:
    """Never holds more than about `head_bytes`, whatever comes; raises `RequestRefusedError` for what is no request.

    Who is told of requests derives from it, which spares the calls between two objects on every request.
    """

    __slots__ = (
        "_chunks",
        "_drops",
        "_error",
        "_head_bytes",
        "_host",
        "_left",
        "_length",
        "_named",
        "_offers",
        "_parser",
        "_tail",
        "_unheard",
        "body_size",
        "declines",
        "expects",
        "headers",
        "url",
    )

    def __init__(self, *, head_bytes: int) -> None:
        self.url = b""
        self.headers: list[Header] = []
        self.expects = False
        self.body_size: int = 0
        self._head_bytes = head_bytes
        self._parser = httptools.HttpRequestParser(self)
        self._length = self._left = 0  # of the body: what the head says, and what has not come yet
        self._unheard = 0  # bytes since the parser last had something whole to say
        self._chunks = 0  # bytes of a chunked body and of all that is around it
        self._drops = False
        self._tail: bytes = b""
        self._host: bytes = b""
        self._offers = self.declines = self._named = False
        self._error = MALFORMED

    def begun(self, method: bytes, version: str, *, keep_alive: bool) -> None:
        """Take a request whose head is here: `url`, `headers` and `expects` are its."""
        raise NotImplementedError

    def on_body(self, piece: bytes) -> None:
        """Take a piece of its body, and count it."""
        raise NotImplementedError

    def on_message_complete(self) -> None:
        """Take note that it is here to its last byte, unless `declines`, and that the next one may come."""
        raise NotImplementedError

    @property
    def between(self) -> bool:
        """Whether nothing of a request has come that is not complete."""
        return not self._unheard and not self._left

    def feed_whole(self, data: bytes) -> int:
        """Read a request that begins here and whose head is here to its end; return up to where, 0 if it is not."""
        upto = data.find(EMPTY_LINE) + EMPTY
        if not EMPTY <= upto <= self._head_bytes or data[0] in BLANK:
            return 0
        self._unheard = upto
        try:
            self._parser.feed_data(data[:upto])
            rest = len(data) - upto
            if rest and self._left >= rest:
                self._left -= rest
                self._parser.feed_data(data[upto:])
                return len(data)
        except httptools.HttpParserUpgrade:
            self._decline()
        except httptools.HttpParserError as error:
            raise RequestRefusedError(*self._error) from error
        return upto

    def feed(self, data: bytes, at: int) -> int:
        """Read from there, to the end of one request at most; return up to where."""
        if self._left > 0:
            upto = min(len(data), at + self._left)
            self._left -= upto - at
            if self._drops:
                self._drop(upto - at)
            else:
                self._parse(data[at:upto])
            return upto
        upto = self._portion(data, at)
        piece = data[at:upto]
        self._unheard += len(piece)
        if self._left:
            self._parse_chunks(piece)
        else:
            self._parse(piece)
            if self._unheard + HEADER_BYTES * len(self.headers) > self._head_bytes and not self._left:
                raise RequestRefusedError(*HEAD_TOO_LARGE)
        self._tail = (self._tail + piece)[-3:] if self._unheard or self._left else b""
        return upto

    def drop_rest(self) -> None:
        """Only count what is left of a body whose size is known: nobody wants it any more."""
        if self._left > 0:
            self._drops = True
            self._parser = httptools.HttpRequestParser(self)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Start over."""
        self.url = b""
        self.headers = []
        self.expects = self._offers = self._named = False
        self.body_size = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, in lower case."""
        name = name.lower()
        if name in HEEDED:
            if name == b"host" and value == self._host and not self._named:
                self._named = True  # the one that this connection has named before
            elif not self._left:  # trailers change nothing
                self._heed(name, value)
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Go on to the body, and to work."""
        if self._unheard + HEADER_BYTES * len(self.headers) > self._head_bytes:
            self._fail(HEAD_TOO_LARGE)
        parser = self._parser
        version, method = parser.get_http_version(), parser.get_method()
        if version != "1.1":
            self._check_old(version)
        elif not self._named:
            self._fail(WRONG_HOST)  # RFC 9112, section 3.2
        if method == b"CONNECT":
            self._fail(TUNNEL)
        if self._offers and parser.should_upgrade():
            self.declines = True
            return
        self._unheard = 0
        self._left = self._length
        self.begun(method, version, keep_alive=version == "1.1" and parser.should_keep_alive())
        if self._left == CHUNKED:
            self._chunks = 0
            self.headers = []  # takes the trailers, which nobody gets

    def _portion(self, data: bytes, at: int) -> int:
        """Return up to where the parser may be given data; raise `RequestRefusedError` when it had all it may have."""
        size = -1
        if self._tail:
            size = (self._tail + data[at : at + 3]).find(EMPTY_LINE) + EMPTY - len(self._tail)
        if size <= 0:
            found = data.find(EMPTY_LINE, at)
            size = (found + EMPTY if found >= 0 else len(data)) - at
        room = self._head_bytes - self._unheard
        if self._left:
            size = min(size, room, SLICE)
        if size > room or not size:
            raise RequestRefusedError(*(FRAMING_TOO_LARGE if self._left else HEAD_TOO_LARGE))
        return at + size

    def _drop(self, size: int) -> None:
        self.body_size += size
        if not self._left:
            self._drops = False
            self.on_message_complete()

    def _parse(self, piece: bytes) -> None:
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._decline()
        except httptools.HttpParserError as error:
            raise RequestRefusedError(*self._error) from error

    def _parse_chunks(self, piece: bytes) -> None:
        before = self.body_size
        self._chunks += len(piece)
        self._parse(piece)
        self.headers.clear()
        if self._left and self.body_size > before:
            self._unheard = 0
        if self._left and self._chunks > self._head_bytes + CHUNK_BYTES * self.body_size:
            raise RequestRefusedError(*FRAMING_TOO_LARGE)

    def _heed(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            if self._named or (value != self._host and value.translate(None, HOST)):
                self._fail(WRONG_HOST)
            self._named = True
            self._host = value
        elif name == b"content-length":
            self._length = int(value)
        elif name == b"transfer-encoding":
            if value.strip().lower() != b"chunked":
                self._fail(WRONG_CODING)
            self._length = CHUNKED
        elif name == b"upgrade":
            self._offers = True
        else:
            self.expects = value.lower() == b"100-continue"

    def _check_old(self, version: str) -> None:
        if version != "1.0":
            self._fail(WRONG_VERSION)
        if self._length == CHUNKED:
            self._fail(MALFORMED)

    def _fail(self, refusal: Refusal) -> NoReturn:
        self._error = refusal  # httptools puts errors of its own in the place of those that it is raised
        raise RequestRefusedError(*refusal)

    def _decline(self) -> None:
        """Read the head again without its offer to speak another protocol, for which llhttp leaves the body out."""
        lines = [b": ".join(header) for header in self.headers if header[0] != b"upgrade"]
        version, method = self._parser.get_http_version().encode(), self._parser.get_method()
        start = b"%b %b HTTP/%b" % (method, self.url, version)
        self._parser = httptools.HttpRequestParser(self)
        self._length = 0
        self.declines = False
        self._parse(b"\r\n".join((start, *lines, b"", b"")))
