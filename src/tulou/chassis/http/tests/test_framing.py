"""Where requests end: whatever two servers could read differently is refused, however it is cut into pieces."""

import pytest
from starlette.types import Receive, Scope, Send

from tulou.chassis.http.tests.wire import Wire, wire
from tulou.testing.eventually import eventually

POST = b"POST /a HTTP/1.1\r\nhost: x\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nhost: x\r\n\r\n"
ONE = [b"POST /a abc"]
BOTH = [b"POST /a abc", b"GET /next "]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer method, path and body."""
    said, more = b"%b %b " % (scope["method"].encode(), scope["path"].encode()), True
    while more:
        message = await receive()
        said += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]})
    await send({"type": "http.response.body", "body": said})


def echoed(line: Wire) -> list[bytes]:
    """Return what the application answered."""
    answers = bytes(line.transport.written).split(b"HTTP/1.1 ")[1:]
    return [answer.partition(b"\r\n\r\n")[2] for answer in answers if answer.startswith(b"200 ")]


def body(framing: bytes) -> bytes:
    return POST + framing + b"\r\n\r\nabc"


def chunks(text: bytes) -> bytes:
    return CHUNKED + text + NEXT


REFUSED = {
    "both framings": POST + b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nG" + NEXT,
    "both framings, turned": POST + b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "two lengths": body(b"content-length: 3\r\ncontent-length: 4"),
    "two equal lengths": body(b"content-length: 3\r\ncontent-length: 3"),
    **{
        f"length {said!r}": body(b"content-length: " + said)
        for said in (
            *(b"+3", b"-3", b"0x3", b"3a", b"3 3", b"3.0", b"3, 3", b"", b" ", b"1_0", b"\xb3", b"3\x0b", b"3;"),
            *(b"3\r\n 4", b"18446744073709551616", b"999999999999999999999999"),
        )
    },
    **{
        f"coding {said!r}": POST + b"transfer-encoding: " + said + b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + NEXT
        for said in (
            *(b"xchunked", b"chunked, identity", b"identity", b"gzip", b"gzip, chunked", b"chunked, chunked", b""),
            *(b",chunked", b"chunked,", b"chunked;q=1", b'"chunked"', b"chunked\x0b", b"\x0bchunked", b"chunked\x00"),
            *(b"chun\r\n ked", b"chunked\r\ntransfer-encoding: gzip", b"gzip\r\ntransfer-encoding: chunked"),
        )
    },
    "chunks in 1.0": CHUNKED.replace(b"1.1", b"1.0") + b"3\r\nabc\r\n0\r\n\r\n",
    "a space before the colon": POST + b"transfer-encoding : chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "a tab before the colon": POST + b"content-length\t: 3\r\n\r\nabc",
    "a space before the name": POST + b" transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "two hosts": b"GET /a HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n",
    **{
        f"host {said!r}": b"GET /a HTTP/1.1\r\nhost: " + said + b"\r\n\r\n"
        for said in (b"a b", b"a/b", b"a?b", b"a#b", b"u@a", b"a\\b", b"\xff")
    },
    **{
        f"chunks {said!r}": chunks(said)
        for said in (
            *(b"3 \r\nabc\r\n0\r\n\r\n", b"0x3\r\nabc\r\n0\r\n\r\n", b"-3\r\nabc\r\n0\r\n\r\n", b"\r\nabc", b"g\r\n"),
            *(b"3\nabc\n0\n\n", b"3\r\nabc0\r\n\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\n\n"),
            *(b"3\r\nabc\n0\r\n\r\n", b"3;a\nb\r\nabc\r\n0\r\n\r\n", b"3;\r\nabc\r\n0\r\n\r\n", b'3;a="\r\n"\r\nabc'),
            *(b"fffffffffffffffff\r\nabc", b"10000000000000003\r\nabc\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\nx\r\n\r\n"),
            *(b"3\r\nabc\r\n0\r\ncontent-length: 9\r\n\r\n", b"3\r\nabc\r\n0\r\ntransfer-encoding: chunked\r\n\r\n"),
        )
    },
    **{
        f"lines {said!r}": said
        for said in (
            *(b"GET /a HTTP/1.1\nhost: x\n\n", b"GET /a HTTP/1.1\r\nhost: x\n\r\n", b"GET /a HTTP/1.1\rhost: x\r\r"),
            *(b"GET /a HTTP/1.1\r\nhost: x\r\n\n", b"GET /a HTTP/1.1\r\nx: a\rb\r\n\r\n", b"GET /a\n\n"),
            *(b"GET /a HTTP/1.1\r\nx: a\0b\r\n\r\n", b"GET /a HTTP/1.1\r\nx\0: b\r\n\r\n"),
            *(b"GET /a HTTP/1.1\r\nx: \x7f\r\n\r\n", b"GET /a HTTP/1.1\r\nx\xff: b\r\n\r\n"),
            *(b"GET /a HTTP/1.1\r\n: b\r\n\r\n", b"GET /a HTTP/1.1\r\nx y: b\r\n\r\n"),
            *(b"GET /a HTTP/1.1\r\nx\r\n\r\n", b"GET /a HTTP/1.1\r\nx: a\r\n b\r\n\r\n"),
        )
    },
    **{
        f"target {said!r}": b"GET " + said + b" HTTP/1.1\r\nhost: x\r\n\r\n"
        for said in (
            b"/a b",
            b"",
            b"a",
            b"?a",
            b"#",
            b"/a\0",
            b"/\xff",
            b"http://y:99999/a",
            b"y:443",
            b"\\a",
            b"/a\tb",
        )
    },
    **{
        f"version {said!r}": b"GET /a " + said + b"\r\nhost: x\r\n\r\n"
        for said in (
            b"HTTP/0.9",
            b"HTTP/1.2",
            b"HTTP/2.0",
            b"HTTP/2",
            b"http/1.1",
            b"HTTP/1.",
            b"HTTP/1.10",
            b"",
            b"\0",
        )
    },
    **{
        f"method {said!r}": said + b" /a HTTP/1.1\r\nhost: x\r\n\r\n"
        for said in (b"get", b"GETS", b"G\0T", b"FOO", b"", b"\tGET", b"CONNECT")
    },
    "a tunnel": b"CONNECT y:443 HTTP/1.1\r\nhost: y:443\r\n\r\n" + NEXT,
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}

ANSWERED = {
    "a length": (body(b"content-length: 3") + NEXT, BOTH),
    "a length with white space": (body(b"content-length: \t3 \t") + NEXT, BOTH),
    "a length with a zero": (body(b"content-length: 03") + NEXT, BOTH),
    "chunks": (chunks(b"3\r\nabc\r\n0\r\n\r\n"), BOTH),
    "chunks of one byte": (chunks(b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"), BOTH),
    "zeros in sizes": (chunks(b"03\r\nabc\r\n00\r\n\r\n"), BOTH),
    "extensions": (chunks(b'3;a="b";c\r\nabc\r\n0;d\r\n\r\n'), BOTH),
    "trailers": (chunks(b"3\r\nabc\r\n0\r\nx: y\r\nhost: y\r\nexpect: 100-continue\r\n\r\n"), BOTH),
    "an offer in trailers": (chunks(b"3\r\nabc\r\n0\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"), BOTH),
    "the coding in capitals": (POST + b"Transfer-Encoding:  CHUNKED \r\n\r\n3\r\nabc\r\n0\r\n\r\n" + NEXT, BOTH),
    "the end of a head in a body": (
        POST + b"content-length: 7\r\n\r\n\r\n\r\nabc" + NEXT,
        [b"POST /a \r\n\r\nabc", BOTH[1]],
    ),
    "the end of a head in chunks": (chunks(b"7\r\n\r\n\r\nabc\r\n0\r\n\r\n"), [b"POST /a \r\n\r\nabc", BOTH[1]]),
    "blank lines between": (b"\r\n\r\n" + body(b"content-length: 3") + b"\r\n\n\r\r\n" + NEXT, BOTH),
    "something after connection: close": (body(b"connection: close\r\ncontent-length: 3") + NEXT, ONE),
    "something after 1.0": (body(b"content-length: 3").replace(b"1.1", b"1.0") + NEXT, ONE),
    "a whole URL": (b"GET http://y/next HTTP/1.1\r\nhost: x\r\n\r\n", BOTH[1:]),
    "an encoded path": (b"GET /%6eext HTTP/1.1\r\nhost: [::1]:80\r\n\r\n", BOTH[1:]),
    "no host": (b"GET /next HTTP/1.1\r\n\r\n", BOTH[1:]),
    "a client that asks first": (body(b"expect: 100-Continue\r\ncontent-length: 3") + NEXT, BOTH),
    "another expectation": (body(b"expect: 200-ok\r\ncontent-length: 3") + NEXT, BOTH),
    "a method of WebDAV": (b"PROPFIND /next HTTP/1.1\r\n\r\n", [b"PROPFIND /next "]),
}


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [9999, 1])
@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
async def test_what_two_servers_could_read_differently_is_answered_once_and_refused(data: bytes, size: int) -> None:
    async with wire(echo) as line:
        await line.feed(pieces(data, size))
        await eventually(lambda: line.transport.closing)
        assert len(line.statuses) == 1
        assert line.statuses[0] in {400, 405, 413, 505}
        assert line.most < 256 * 1024


@pytest.mark.parametrize("size", [9999, 3, 1])
@pytest.mark.parametrize(("data", "answers"), ANSWERED.values(), ids=ANSWERED)
async def test_each_request_has_its_own_bytes_however_they_come(data: bytes, answers: list[bytes], size: int) -> None:
    async with wire(echo) as line:
        await line.feed(pieces(data, size))
        await eventually(lambda: len(echoed(line)) == len(answers))
        assert echoed(line) == answers
        assert set(line.statuses) <= {100, 200}
