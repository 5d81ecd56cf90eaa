"""Oddities of HTTP: statuses, encodings, lengths."""

import zlib
from collections.abc import Callable, Iterator

from tests.integration.vendors.oddities.answer import JSON, Good, Wire, answer, chunked, head, zipped
from tests.integration.vendors.oddities.oddity import Oddity, Outcome

HTML = b"<!doctype html><html><body><h1>502 Bad Gateway</h1>nginx</body></html>"
ERROR = b'{"error":{"message":"the vendor says no","type":"odd_error","code":"odd"}}'
NUMBERED = b'{"error":{"message":"the vendor says no","code":403}}'

STATUSES = (
    *(b"400 Bad Request", b"401 Unauthorized", b"402 Payment Required", b"403 Forbidden", b"404 Not Found"),
    *(b"405 Method Not Allowed", b"408 Request Timeout", b"409 Conflict", b"413 Content Too Large"),
    *(b"418 I'm a teapot", b"421 Misdirected", b"422 Unprocessable", b"429 Too Many Requests", b"451 Legal"),
    *(b"499 Closed", b"500 Internal", b"501 Not Implemented", b"502 Bad Gateway", b"503 Unavailable"),
    *(b"504 Gateway Timeout", b"520 Unknown", b"529 Overloaded", b"599 Odd"),
)


def statuses() -> Iterator[Oddity]:
    """Yield answers of every status that means no, and of those that mean something else."""
    for status in STATUSES:
        yield _status(f"status-{status[:3].decode()}", status, ERROR)
    yield _status("status-200-error", b"200 OK", ERROR)
    yield _status("status-403-number", b"403 Forbidden", NUMBERED)
    for name, body, kind in (("empty", b"", JSON), ("html", HTML, b"text/html"), ("list", b"[]", JSON)):
        for status in (b"400 Bad Request", b"429 Too Many Requests", b"503 Unavailable"):
            yield _status(f"status-{status[:3].decode()}-{name}", status, body, kind)
    for status in (b"301 Moved", b"302 Found", b"307 Temporary", b"304 Not Modified"):
        yield _status(f"status-{status[:3].decode()}", status, b"")
    for status in (b"201 Created", b"202 Accepted", b"206 Partial", b"299 Odd"):
        yield Oddity(f"status-{status[:3].decode()}", "status", _of(status), "either")
    for name, line in (("000", b"000 Nothing"), ("999", b"999 Much"), ("600", b"600 More")):
        yield Oddity(f"status-{name}", "status", _of(line), "failed")
    empty = head(b"204 No Content", b"content-type: application/json")
    yield Oddity("status-204", "status", lambda _: Wire((empty,)), "failed")
    yield Oddity("status-100-first", "status", _after(b"HTTP/1.1 100 Continue\r\n\r\n"), "answered")
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
    yield Oddity("status-103-first", "status", _after(hints), "answered")
    yield Oddity("status-103-many", "status", _after(hints * 2000), "either")
    switching = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: odd\r\nconnection: upgrade\r\n\r\n"
    yield Oddity("status-101", "status", lambda _: Wire((switching,), "hold"), "failed")


def encodings() -> Iterator[Oddity]:
    """Yield answers that are not in the bytes or the type that they are to be in."""
    yield Oddity("type-missing", "encoding", _untyped, "either")
    for name, kind in (("text", b"text/plain"), ("html", b"text/html"), ("odd", b"\xff/;;"), ("octets", b"x/octets")):
        yield Oddity(f"type-{name}", "encoding", lambda good, kind=kind: answer(good.body, kind), "either")
    yield Oddity("type-charset", "encoding", lambda good: answer(good.body, good.kind + b"; charset=UTF-8"), "answered")
    yield Oddity("type-of-a-stream", "encoding", lambda good: answer(good.body, b"text/event-stream"), streams=False)
    yield Oddity("type-of-a-whole", "encoding", lambda good: answer(good.body, JSON), wholes=False)
    gzipped = b"content-encoding: gzip"
    yield Oddity("gzip-unasked", "encoding", lambda good: answer(zipped(good.body), good.kind, gzipped))
    yield Oddity("gzip-cut", "encoding", lambda good: answer(zipped(good.body)[:-12], good.kind, gzipped), "failed")
    yield Oddity("gzip-of-nothing", "encoding", lambda good: answer(good.body, good.kind, gzipped), "either")
    yield Oddity("gzip-untold", "encoding", lambda good: answer(zipped(good.body), good.kind), "failed")
    deflated = b"content-encoding: deflate"
    yield Oddity("deflate", "encoding", lambda good: answer(zlib.compress(good.body), good.kind, deflated))
    yield Oddity(
        "brotli", "encoding", lambda good: answer(b"\x0b\x02\x80", good.kind, b"content-encoding: br"), "failed"
    )
    bomb = zipped(b" " * 50_000_000)
    yield Oddity("gzip-bomb", "encoding", lambda good: answer(bomb, good.kind, gzipped), "failed")
    yield Oddity("identity", "encoding", lambda good: answer(good.body, good.kind, b"content-encoding: identity"))
    yield Oddity("mark-of-order", "encoding", lambda good: answer(b"\xef\xbb\xbf" + good.body, good.kind), binary=False)
    utf16 = b"; charset=utf-16"
    yield Oddity(
        "utf-16", "encoding", lambda good: answer(good.body.decode().encode("utf-16"), good.kind + utf16), "failed",
        binary=False,
    )  # fmt: skip
    yield Oddity(
        "not-utf-8", "encoding", lambda good: answer(good.body.replace(b"hel", b"\xff\xfe"), good.kind), "either",
        binary=False,
    )  # fmt: skip


def lengths() -> Iterator[Oddity]:
    """Yield answers that are longer or shorter than they say, and those that never end."""
    yield Oddity("length-short", "length", lambda good: _sized(good, -9), "either")
    yield Oddity("length-long", "length", lambda good: _sized(good, 9), "either")
    yield Oddity("length-none", "length", _unsized, "answered")
    yield Oddity("length-none-old", "length", _old, "either")
    for name, value in (("negative", b"-5"), ("word", b"many"), ("empty", b""), ("huge", b"9" * 30), ("hex", b"0x10")):
        yield Oddity(f"length-{name}", "length", lambda good, value=value: _stated(good, value), "either")
    yield Oddity("length-twice", "length", lambda good: _headed(good, b"content-length: 5", b"content-length: 7"))
    both = b"content-length: 5", b"transfer-encoding: chunked"
    yield Oddity("length-and-chunks", "length", lambda good: _headed(good, *both))
    yield Oddity("chunks", "length", lambda good: _chunks(good, chunked(good.body)), "answered")
    yield Oddity("chunks-of-a-byte", "length", lambda good: _chunks(good, chunked(*_bytes(good.body))), "answered")
    odd = b";name=value"
    yield Oddity("chunks-extended", "length", lambda good: _chunks(good, chunked(good.body, extension=odd)), "answered")
    trailer = b"x-odd: 1\r\n"
    yield Oddity(
        "chunks-trailed", "length", lambda good: _chunks(good, chunked(good.body, trailer=trailer)), "answered"
    )
    yield Oddity("chunks-cut", "length", lambda good: _chunks(good, chunked(good.body, last=False)), "either")
    yield Oddity("chunks-broken", "length", lambda good: _chunks(good, b"zz\r\n" + good.body), "failed")
    yield Oddity("chunks-negative", "length", lambda good: _chunks(good, b"-5\r\nhello\r\n"), "failed")
    yield Oddity("chunks-huge", "length", lambda good: _chunks(good, b"f" * 40 + b"\r\n" + good.body), "failed")
    yield Oddity(
        "chunks-short", "length", lambda good: _chunks(good, b"3\r\n" + good.body + b"\r\n0\r\n\r\n"), "failed"
    )
    for name, wire, outcome in _raw():
        yield Oddity(name, "length", lambda _, wire=wire: wire, outcome)
    yield Oddity("head-and-silence", "length", lambda good: Wire((_head(good),), "hold"), "failed")
    yield Oddity("half-and-silence", "length", lambda good: Wire(_half(good), "hold"), "failed")
    yield Oddity("half-and-reset", "length", lambda good: Wire(_half(good), "reset"), "failed")
    yield Oddity("half-and-close", "length", lambda good: Wire(_half(good), "close"), "failed")
    yield Oddity("head-long", "length", lambda good: _headed(good, b"x-odd: " + b"x" * 100_000), "either")
    yield Oddity("heads-many", "length", lambda good: _headed(good, *[b"x-%d: 1" % n for n in range(500)]), "either")
    yield Oddity("head-folded", "length", lambda good: _headed(good, b"x-odd: a\r\n b"), "either")
    yield Oddity("head-nameless", "length", lambda good: _headed(good, b"no colon here"), "failed")
    yield Oddity("head-bare-lines", "length", lambda good: Wire((_head(good).replace(b"\r\n", b"\n") + good.body,)))
    yield Oddity("twice", "length", lambda good: Wire(answer(good.body, good.kind).pieces * 2), "answered")


def _raw() -> Iterator[tuple[str, Wire, Outcome]]:
    yield "nothing", Wire(()), "failed"
    yield "reset", Wire((), "reset"), "failed"
    yield "silence", Wire((), "hold"), "failed"
    yield "garbage", Wire((b"\x00\x01\x02 what is this\r\n\r\n",)), "failed"
    yield "other-protocol", Wire((b"SSH-2.0-OpenSSH_9.6\r\n",)), "failed"
    yield "version", Wire((b"HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n",)), "failed"
    yield "line-cut", Wire((b"HTTP/1.1 20",)), "failed"
    yield "head-cut", Wire((b"HTTP/1.1 200 OK\r\ncontent-le",)), "failed"
    yield "head-endless", Wire((b"HTTP/1.1 200 OK\r\n", *([b"x: " + b"y" * 60_000 + b"\r\n"] * 40)), "hold"), "failed"


def _status(name: str, status: bytes, body: bytes, kind: bytes = JSON) -> Oddity:
    return Oddity(name, "status", lambda _: answer(body, kind, status=status), "failed")


def _of(status: bytes) -> Callable[[Good], Wire]:
    return lambda good: answer(good.body, good.kind, status=status)


def _after(before: bytes) -> Callable[[Good], Wire]:
    return lambda good: Wire((before, *answer(good.body, good.kind).pieces))


def _untyped(good: Good) -> Wire:
    return Wire((head(b"200 OK", b"content-length: %d" % len(good.body)) + good.body,))


def _head(good: Good) -> bytes:
    return head(b"200 OK", b"content-type: " + good.kind, b"content-length: %d" % len(good.body))


def _headed(good: Good, *headers: bytes) -> Wire:
    length = () if any(b"content-length" in one for one in headers) else (b"content-length: %d" % len(good.body),)
    return Wire((head(b"200 OK", b"content-type: " + good.kind, *length, *headers) + good.body,))


def _stated(good: Good, length: bytes) -> Wire:
    return _headed(good, b"content-length: " + length)


def _sized(good: Good, more: int) -> Wire:
    return _stated(good, b"%d" % (len(good.body) + more))


def _unsized(good: Good) -> Wire:
    return Wire((head(b"200 OK", b"content-type: " + good.kind, b"connection: close") + good.body,))


def _old(good: Good) -> Wire:
    return Wire((b"HTTP/1.0 200 OK\r\ncontent-type: %b\r\n\r\n%b" % (good.kind, good.body),))


def _chunks(good: Good, framed: bytes) -> Wire:
    return Wire((head(b"200 OK", b"content-type: " + good.kind, b"transfer-encoding: chunked"), framed))


def _bytes(body: bytes) -> list[bytes]:
    return [body[place : place + 1] for place in range(len(body))]


def _half(good: Good) -> tuple[bytes, ...]:
    return (_head(good), good.body[: len(good.body) // 2])
