"""What is sent: a head that is built once, and a body that may stream."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from tulou.chassis.http.origin import Origin
from tulou.http.header import Header
from tulou.kernel.errors import InvalidError

_FORBIDDEN = (b"\r", b"\n", b"\0")

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that belong to one connection (RFC 9110, section 7.6.1) and are never passed on."""


@dataclass(slots=True, kw_only=True)
class HttpRequest:
    """One request; `head` ends with its empty line.

    A `replayable` one may be sent twice, so it uses pooled connections and survives one that turns out dead. A body
    that is an iterator is sent `chunked` unless the head says its length; an `bodiless` answer has none (HEAD).
    """

    origin: Origin
    head: bytes
    body: bytes | AsyncIterator[bytes] = b""
    replayable: bool = True
    chunked: bool = False
    bodiless: bool = False


def render_headers(headers: Iterable[Header]) -> bytes:
    """Return header lines; raise `InvalidError` for one that would end its line early."""
    lines: list[bytes] = []
    for name, value in headers:
        if any(mark in name or mark in value for mark in _FORBIDDEN):
            raise InvalidError(f"header {name!r} holds a line break")
        lines.append(b"%b: %b\r\n" % (name, value))
    return b"".join(lines)


def render_head(method: bytes, target: bytes, origin: Origin, headers: Iterable[Header]) -> bytes:
    """Return the head of a request, its empty line included."""
    return b"%b %b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (method, target, origin.authority, render_headers(headers))
