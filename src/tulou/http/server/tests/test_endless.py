"""What never ends, in every place of a request and behind it: it is refused or waits, and takes little memory."""

import asyncio
from itertools import chain, repeat

import pytest
from starlette.types import Message, Receive, Scope, Send

from tulou.http.server.guard import GuardLimits
from tulou.http.server.tests.wire import wire
from tulou.testing.eventually import eventually

MIB = 1024 * 1024
READ = 64 * 1024
"""What one read of a socket may bring, here."""

HEAD = b"POST / HTTP/1.1\r\nhost: x\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer nothing, but listen to whether the client leaves."""
    del scope, send
    while (await receive())["type"] != "http.disconnect":
        pass


async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin an answer that does not end."""
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x", "more_body": True})
    await asyncio.Event().wait()


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """Take the body piece by piece, then answer."""
    del scope
    message: Message = {"more_body": True}
    while message.get("more_body"):
        message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def endless(unit: bytes) -> bytes:
    return unit * (READ // len(unit))


IN_A_HEAD = {
    "a method": (b"", b"G"),
    "a target": (b"GET /", b"a"),
    "a version": (b"GET / HTTP/1.1", b"1"),
    "a header's name": (HEAD, b"n"),
    "a header's value": (HEAD + b"x: ", b"v"),
    "a header's value in small pieces": (HEAD + b"x: ", b"v v"),
    "white space before a value": (HEAD + b"x:", b" "),
    "headers": (HEAD, b"a: b\r\n"),
    "headers without a value": (HEAD, b"a:\r\n"),
    "ends of lines in a value": (HEAD + b"x: ", b"\r"),
}
AFTER_A_HEAD = {
    "the size of a chunk": (CHUNKED, b"0"),
    "a chunk's extension": (CHUNKED + b"1;", b"e"),
    "extensions of many chunks": (CHUNKED, b"1;" + b"e" * 5000 + b"\r\na\r\n"),
    "a trailer's name": (CHUNKED + b"1\r\na\r\n0\r\n", b"n"),
    "a trailer's value": (CHUNKED + b"1\r\na\r\n0\r\nx: ", b"v"),
    "trailers": (CHUNKED + b"1\r\na\r\n0\r\n", b"x: y\r\n"),
}
BEHIND_A_REQUEST = {
    "a header": (GET + HEAD + b"x: ", b"v"),
    "tiny requests": (GET, b"GET / HTTP/1.1\r\nhost:\r\n\r\n"),
    "requests with bodies": (GET, HEAD + b"content-length: 3\r\n\r\nabc"),
    "one body": (GET + HEAD + b"content-length: 999999999\r\n\r\n", b"b"),
    "nonsense": (GET, b"\0"),
    "what follows connection: close": (b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", b"c"),
    "what follows HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", GET),
}


@pytest.mark.parametrize(("begin", "unit"), IN_A_HEAD.values(), ids=IN_A_HEAD)
@pytest.mark.parametrize("size", [READ, 4 * READ, 999])
async def test_a_head_without_an_end_is_refused_before_it_is_kept(begin: bytes, unit: bytes, size: int) -> None:
    more = (endless(unit) * 4)[:size]
    async with wire(reading) as line:
        await line.feed(chain([begin] if begin else [], repeat(more, 8 * MIB // size)))
        assert line.statuses in ([431], [400])
        assert line.sent < 8 * READ
        assert line.most < MIB


@pytest.mark.parametrize(("begin", "unit"), AFTER_A_HEAD.values(), ids=AFTER_A_HEAD)
@pytest.mark.parametrize("app", [reading, never, streaming])
async def test_what_is_around_a_bodys_data_has_an_end_too(begin: bytes, unit: bytes, app: object) -> None:
    async with wire(app) as line:  # pyright: ignore[reportArgumentType] - an application
        await line.feed(chain([begin], repeat(endless(unit), 8 * MIB // READ)))
        assert line.transport.closing
        assert line.statuses in ([413], [400], [200])
        assert line.most < MIB


@pytest.mark.parametrize(("begin", "unit"), BEHIND_A_REQUEST.values(), ids=BEHIND_A_REQUEST)
@pytest.mark.parametrize("app", [never, streaming])
async def test_what_comes_while_an_answer_goes_out_is_not_read_for_long(begin: bytes, unit: bytes, app: object) -> None:
    async with wire(app) as line:  # pyright: ignore[reportArgumentType] - an application
        await line.feed(chain([begin], repeat(endless(unit), 8 * MIB // READ)))
        assert line.transport.paused
        assert line.sent < 4 * READ
        assert line.most < MIB
        assert len(line.reception.tasks) == 1


@pytest.mark.parametrize("app", [never, streaming])
async def test_blank_lines_behind_a_request_are_dropped(app: object) -> None:
    async with wire(app) as line:  # pyright: ignore[reportArgumentType] - an application
        await line.feed(chain([GET], repeat(endless(b"\r\n"), 8 * MIB // READ)))
        assert not line.transport.paused
        assert line.most < MIB


async def test_blank_lines_do_not_stand_for_a_request() -> None:
    async with wire(reading, GuardLimits(head_s=5)) as line:
        since = line.inbound.phase_since
        await line.feed(repeat(endless(b"\r\n"), 8 * MIB // READ))
        assert line.inbound.overdue(since + 5.1) == "head"
        assert line.most < MIB


async def test_small_requests_in_one_piece_are_answered_one_after_the_other() -> None:
    at_once = 0

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal at_once
        at_once = max(at_once, len(line.reception.tasks))
        await reading(scope, receive, send)

    async with wire(counting) as line:
        await line.feed([GET * 500])
        await eventually(lambda: len(line.statuses) == 500)
        assert at_once <= 2  # the one before may be about to return
        assert line.statuses == [200] * 500
        assert not line.transport.paused


async def test_chunks_of_one_byte_are_a_body() -> None:
    async with wire(reading) as line:
        await line.feed([CHUNKED, *repeat(b"1\r\na\r\n" * 10_000, 20), b"0\r\n\r\n"])
        await eventually(lambda: bool(line.statuses))
        assert line.statuses == [200]
