"""Who speaks HTTP/1.0 is answered so that they can read it."""

import pytest
from starlette.types import Receive, Scope, Send

from tulou.http.server.tests.wire import wire
from tulou.testing.eventually import eventually


async def stream(_: Scope, receive: Receive, send: Send) -> None:
    """Answer in two pieces, and say no length."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for word in (b"one ", b"two"):
        await send({"type": "http.response.body", "body": word, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("more", [b"", b"connection: keep-alive\r\n"])
async def test_a_stream_ends_with_its_connection_and_has_no_chunks(more: bytes) -> None:
    async with wire(stream) as line:
        await line.feed([b"GET / HTTP/1.0\r\n" + more + b"\r\n"])
        await eventually(lambda: line.transport.closing)
        head, _, body = bytes(line.transport.written).partition(b"\r\n\r\n")
    assert body == b"one two"
    assert b"transfer-encoding" not in head
    assert b"\r\nconnection: close" in head


async def test_a_stream_to_who_speaks_1_1_has_chunks() -> None:
    async with wire(stream) as line:
        await line.feed([b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"])
        await eventually(lambda: line.transport.closing)
        head, _, body = bytes(line.transport.written).partition(b"\r\n\r\n")
    assert body == b"4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"
    assert b"transfer-encoding: chunked" in head


async def test_an_answer_without_a_body_to_head_stays_without_one() -> None:
    async with wire(stream) as line:
        await line.feed([b"HEAD / HTTP/1.0\r\n\r\n"])
        await eventually(lambda: line.transport.closing)
        assert bytes(line.transport.written).endswith(b"\r\n\r\n")
