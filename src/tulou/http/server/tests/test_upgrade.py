"""Offers to speak another protocol are declined: the request is answered as it is, and the connection goes on."""

import pytest
from starlette.types import Receive, Scope, Send

from tulou.http.server.tests.framing import NEXT, echo, echoed, pieces
from tulou.http.server.tests.wire import wire
from tulou.testing.eventually import eventually

SETTINGS = b"AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"
JAVA = (
    b"Connection: Upgrade, HTTP2-Settings\r\n%bHost: 127.0.0.1:8000\r\nHTTP2-Settings: " + SETTINGS + b"\r\n"
    b"Upgrade: h2c\r\nUser-Agent: Java-http-client/17.0.9\r\nContent-Type: application/json\r\n\r\n%b"
)
"""The headers of java.net.http.HttpClient over plain HTTP, in its order."""

WEBSOCKET = (
    b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%b\r\n%b"
)
LENGTH = (b"Content-Length: 3\r\n", b"abc")
CHUNKS = (b"Transfer-encoding: chunked\r\n", b"3\r\nabc\r\n0\r\n\r\n")
NOTHING = (b"", b"")

OFFERS = {
    "Java's POST": (b"POST /a HTTP/1.1\r\n" + JAVA % LENGTH, b"POST /a abc"),
    "Java's POST in chunks": (b"POST /a HTTP/1.1\r\n" + JAVA % CHUNKS, b"POST /a abc"),
    "Java's POST of nothing": (b"POST /a HTTP/1.1\r\n" + JAVA % (b"Content-Length: 0\r\n", b""), b"POST /a "),
    "Java's GET": (b"GET /a HTTP/1.1\r\n" + JAVA % NOTHING, b"GET /a "),
    "Java's GET with a query": (b"GET /a?b=%20c HTTP/1.1\r\n" + JAVA % NOTHING, b"GET /a "),
    "a web socket": (b"GET /a HTTP/1.1\r\n" + WEBSOCKET % NOTHING, b"GET /a "),
    "a web socket by POST": (b"POST /a HTTP/1.1\r\n" + WEBSOCKET % LENGTH, b"POST /a abc"),
    "several offers": (b"PUT /a HTTP/1.1\r\nUpgrade: foo\r\n" + WEBSOCKET % LENGTH, b"PUT /a abc"),
    "an offer without its connection": (
        b"POST /a HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n" + b"%b\r\n%b" % LENGTH,
        b"POST /a abc",
    ),
    "a connection without its offer": (
        b"POST /a HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n%b\r\n%b" % LENGTH,
        b"POST /a abc",
    ),
}


@pytest.mark.parametrize("size", [9999, 1])
@pytest.mark.parametrize(("request_", "answer"), OFFERS.values(), ids=OFFERS)
async def test_an_offer_is_declined_and_the_body_is_read(request_: bytes, answer: bytes, size: int) -> None:
    async with wire(echo) as line:
        await line.feed(pieces(request_, size))
        await eventually(lambda: echoed(line) == [answer])
        await line.feed(pieces(request_ + NEXT, size))
        await eventually(lambda: echoed(line) == [answer, answer, b"GET /next "])


async def test_the_application_does_not_see_an_offer_that_is_declined() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await echo(scope, receive, send)

    async with wire(app) as line:
        await line.feed([b"POST /a HTTP/1.1\r\n" + JAVA % LENGTH])
        await eventually(lambda: len(seen) == 1)
    names = {name for name, _ in seen[0]["headers"]}
    assert b"upgrade" not in names
    assert {b"host", b"content-length", b"user-agent"} <= names


@pytest.mark.parametrize(
    "lines",
    [
        b"content-length: 3\r\ntransfer-encoding: chunked",
        b"content-length: 3\r\ncontent-length: 4",
        b"transfer-encoding: gzip",
        b"content-length: -3",
        b"host: y",
    ],
)
async def test_an_offer_does_not_make_a_doubtful_request_a_good_one(lines: bytes) -> None:
    async with wire(echo) as line:
        await line.feed([b"POST /a HTTP/1.1\r\n" + WEBSOCKET % (lines + b"\r\n", b"abc" + NEXT)])
        assert line.statuses == [400]
        assert line.transport.closing
