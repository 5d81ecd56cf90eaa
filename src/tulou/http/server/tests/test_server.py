import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tulou.http.server.guard import GuardLimits
from tulou.http.server.server import serve, serving
from tulou.testing.eventually import eventually


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    del scope
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


class Slow:
    """Answers when it is let to, and counts those that left before."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.working = 0
        self.left = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.working += 1
        try:
            await self.go.wait()
            await hello(scope, receive, send)
        except asyncio.CancelledError:
            self.left += 1
            raise


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


async def say(url: str, *words: bytes) -> bytes:
    """Send these bytes and return everything that comes back until the server closes."""
    reader, writer = await connect(url)
    for word in words:
        writer.write(word)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return answer


IMPATIENT = GuardLimits(head_s=0.1, body_s=0.1)
CLOSING = GuardLimits(idle_s=0.1)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"", b"408"),
        (b"POST / HTTP/1.1\r\nhost: x\r\nx-slow: ", b"408"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc", b"408"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc", b"200"),
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nx-long: " + b"a" * 70_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: abcdefgh\r\n" % n for n in range(5000)) + b"\r\n", b"431"),
    ],
    ids=["silence", "slow head", "slow body", "then idle", "garbage", "endless header", "many headers"],
)
async def test_a_client_that_is_slow_or_talks_nonsense_is_answered_and_closed(words: bytes, status: bytes) -> None:
    limits = IMPATIENT if status == b"408" else CLOSING
    async with serving(hello, limits=limits) as url:
        assert (await say(url, words)).split(b" ")[1] == status


async def test_a_body_that_keeps_coming_is_given_its_time() -> None:
    async with serving(hello, limits=GuardLimits(body_s=2.0, rate=1.0)) as url:
        words = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2000\r\n\r\n" + b"a" * 1999
        reader, writer = await connect(url)
        writer.write(words)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 1.2)
        writer.write(b"a")
        assert (await reader.read()).endswith(b"hello")
        writer.close()


async def test_work_on_a_large_body_ends_when_its_client_leaves() -> None:
    """The server stops reading at so much of a body; that it has all of it must not keep it from hearing of the end."""
    waiting, left = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        try:
            waiting.set()
            while (await receive()).get("more_body", False):
                pass
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            left.set()
            raise

    async with serving(app) as url:
        _, writer = await connect(url)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n")
        await waiting.wait()
        writer.write(b"x" * 70_000)
        await writer.drain()
        writer.close()
        await asyncio.wait_for(left.wait(), 60)


async def test_work_ends_when_its_client_leaves() -> None:
    app = Slow()
    async with serving(app) as url:
        _, writer = await connect(url)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await eventually(lambda: app.working == 1)
        writer.close()
        await eventually(lambda: app.left == 1)


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with serving(hello) as url:
        one = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
        answer = await say(url, one + one, one.replace(b"host: x", b"host: x\r\nconnection: close"))
        assert answer.count(b"hello") == 3


async def test_connections_beyond_the_cap_are_refused() -> None:
    async with serving(hello, limits=GuardLimits(connections=1)) as url:
        _, first = await connect(url)
        first.write(b"GET / HTTP/1.1\r\n")
        assert (await say(url)).split(b" ")[1] == b"503"
        first.close()


async def test_an_offer_to_upgrade_is_ignored() -> None:
    async with serving(hello) as url:
        answer = await say(
            url, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: h2c\r\ncontent-length: 0\r\n\r\n"
        )
        assert answer.endswith(b"hello")


async def test_a_stop_finishes_what_has_begun_and_takes_nothing_new() -> None:
    app, stop, told = Slow(), asyncio.Event(), asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://{}:{}".format(*listener.getsockname())
    server = asyncio.create_task(serve(app, [listener], stop=stop, drain_s=5, draining=told.set))
    request = asyncio.create_task(say(url, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
    await eventually(lambda: app.working == 1)
    stop.set()
    await told.wait()
    await eventually(lambda: listener.fileno() == -1)
    with contextlib.suppress(OSError), pytest.raises(ConnectionError):
        await say(url, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    app.go.set()
    assert (await request).endswith(b"hello")
    await asyncio.wait_for(server, 60)


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def stopping(linger_s: float) -> AsyncGenerator[Line]:
    """Yield an idle connection to a server that stops, which has begun to."""
    stop, told = asyncio.Event(), asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://{}:{}".format(*listener.getsockname())
    server = asyncio.create_task(serve(hello, [listener], stop=stop, drain_s=5, linger_s=linger_s, draining=told.set))
    reader, writer = await connect(url)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    await reader.readuntil(b"hello")
    stop.set()
    await told.wait()
    yield reader, writer
    await asyncio.wait_for(server, 60)
    writer.close()


async def test_a_request_that_was_on_its_way_at_the_stop_is_answered_as_the_last_of_its_connection() -> None:
    async with stopping(linger_s=600) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 60)
        assert answer.endswith(b"hello")
        assert b"connection: close" in answer


async def test_a_stream_that_was_told_to_go_on_at_the_stop_is_not_closed_behind_its_end() -> None:
    go, begun, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        if begun.is_set():
            await hello(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        begun.set()
        await go.wait()
        await send({"type": "http.response.body", "body": b"last"})

    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://{}:{}".format(*listener.getsockname())
    server = asyncio.create_task(serve(streaming, [listener], stop=stop, drain_s=600, linger_s=300))
    reader, writer = await connect(url)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"connection" not in await reader.readuntil(b"first")
    stop.set()
    await eventually(lambda: listener.fileno() == -1)
    go.set()
    await reader.readuntil(b"0\r\n\r\n")
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"connection: close" in await asyncio.wait_for(reader.read(), 60)
    await asyncio.wait_for(server, 60)
    writer.close()


async def test_an_idle_connection_is_closed_at_a_stop_once_nothing_can_be_on_its_way_any_more() -> None:
    async with stopping(linger_s=0.05) as (reader, _):
        assert await asyncio.wait_for(reader.read(), 60) == b""


async def test_work_that_outlasts_the_drain_is_cancelled() -> None:
    app, stop = Slow(), asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://{}:{}".format(*listener.getsockname())
    server = asyncio.create_task(serve(app, [listener], stop=stop, drain_s=0.1))
    request = asyncio.create_task(say(url, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
    await eventually(lambda: app.working == 1)
    stop.set()
    await asyncio.wait_for(server, 60)
    assert app.left == 1
    await request


async def test_an_answer_that_nobody_reads_is_given_up() -> None:
    left = asyncio.Event()

    async def flood(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
        finally:
            left.set()

    async with serving(flood, limits=GuardLimits(stall_s=0.1)) as url:
        _, writer = await connect(url)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.wait_for(left.wait(), 60)
        writer.close()


async def test_a_body_that_nobody_reads_does_not_spoil_the_connection() -> None:
    async def unwilling(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})

    async with serving(unwilling, limits=CLOSING) as url:
        request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n"
        assert (await say(url, request + b"a" * 100, b"a" * 299_900 + request, b"a" * 300_000)).count(b"413") == 2


def answering(status: int, headers: list[tuple[bytes, bytes]], *pieces: bytes) -> ASGIApp:
    """Return an application that answers like this; it ends its answer only if there are pieces."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for number, piece in enumerate(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces) - 1})

    return app


async def crashing(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send
    raise ValueError("a bug")


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send


GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.parametrize(
    "app",
    [
        crashing,
        silent,
        answering(200, [(b"x-evil", b"a\r\nset-cookie: b")], b"x"),
        answering(200, [(b"content-length", b"7"), (b"x-evil", b"a\nb")], b"x" * 7),
    ],
    ids=["crashes", "says nothing", "a header with a line break", "such a header behind a length"],
)
async def test_an_application_that_fails_before_its_answer_is_a_500_and_the_end_of_the_connection(app: ASGIApp) -> None:
    async with serving(app) as url:
        answer = await say(url, GET)
        assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
        assert b"connection: close" in answer
        assert b"set-cookie" not in answer


@pytest.mark.parametrize(
    ("app", "came"),
    [
        (answering(200, [(b"content-length", b"10")]), b""),
        (answering(200, [(b"content-length", b"10")], b"abc", b""), b"abc"),
        (answering(200, [(b"content-length", b"2")], b"abc"), b""),
        (answering(200, [], b"abc", b"", b"def"), b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"),
    ],
    ids=["no body", "too short", "too long", "chunked and whole"],
)
async def test_an_answer_that_is_not_as_long_as_it_said_ends_the_connection(app: ASGIApp, came: bytes) -> None:
    async with serving(app, limits=CLOSING) as url:
        answer = await say(url, GET)
        assert answer.partition(b"\r\n\r\n")[2] == came


@pytest.mark.parametrize(
    ("request_line", "status", "head", "body"),
    [
        (b"HEAD / HTTP/1.1", 200, b"content-length: 5", b""),
        (b"GET / HTTP/1.0", 200, b"connection: close", b"hello"),
        (b"GET / HTTP/1.1", 204, b"date: ", b""),
        (b"GET /?a=b HTTP/1.1", 599, b"HTTP/1.1 599 \r\n", b"hello"),
    ],
)
async def test_what_http_says_of_bodies_and_connections(
    request_line: bytes, status: int, head: bytes, body: bytes
) -> None:
    bodiless = status == 204
    app = answering(status, [] if bodiless else [(b"content-length", b"5")], b"" if bodiless else b"hello")
    async with serving(app, limits=CLOSING) as url:
        answer = await say(url, request_line + b"\r\nhost: x\r\n\r\n")
        assert head in answer.partition(b"\r\n\r\n")[0] + b"\r\n"
        assert answer.partition(b"\r\n\r\n")[2] == body


async def test_a_client_that_asks_first_is_told_to_go_on_when_the_body_is_wanted() -> None:
    async with serving(hello) as url:
        reader, writer = await connect(url)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()


async def test_nonsense_after_a_request_is_refused_behind_the_whole_answer() -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"abc", "more_body": True})
        await go.wait()
        await send({"type": "http.response.body", "body": b"def"})

    async with serving(app) as url:
        reader, writer = await connect(url)
        writer.write(GET)
        await reader.readuntil(b"abc\r\n")
        writer.write(b"GARBAGE\r\n\r\n")
        await writer.drain()
        go.set()
        assert (await reader.readuntil(b"0\r\n\r\n")) == b"3\r\ndef\r\n0\r\n\r\n"
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()


async def test_who_asks_what_comes_next_is_told_when_the_client_leaves() -> None:
    said: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        try:
            while True:
                said.append((await receive())["type"])
        except asyncio.CancelledError:
            said.append((await receive())["type"])
            raise

    async with serving(app) as url:
        _, writer = await connect(url)
        writer.write(GET)
        await eventually(lambda: said == ["http.request"])
        writer.close()
        await eventually(lambda: said[-1] == "http.disconnect")


async def test_a_stop_waits_for_the_body_of_a_request_that_is_answered_already_and_closes_then() -> None:
    app, stop = answering(413, [(b"content-length", b"2")], b"no"), asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://{}:{}".format(*listener.getsockname())
    server = asyncio.create_task(serve(app, [listener], stop=stop, drain_s=60))
    reader, writer = await connect(url)
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab")
    await reader.readuntil(b"no")
    stop.set()
    await eventually(lambda: listener.fileno() == -1)
    writer.write(b"cde")
    assert await reader.read() == b""
    await asyncio.wait_for(server, 60)
    writer.close()


@pytest.mark.parametrize(
    "lines",
    [
        b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc",
        b"content-length: 3\r\ncontent-length: 4\r\n\r\nabc",
        b"content-length : 3\r\n\r\nabc",
        b"content-length: +3\r\n\r\nabc",
        b"transfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"transfer-encoding: chunked, identity\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"x-folded: a\r\n b\x00\r\n\r\n",
    ],
)
async def test_a_request_that_two_servers_could_read_differently_is_refused(lines: bytes) -> None:
    async with serving(hello, limits=CLOSING) as url:
        answer = await say(url, b"POST / HTTP/1.1\r\nhost: x\r\n" + lines)
        assert answer.count(b"HTTP/1.1 ") == 1
        assert answer.split(b" ")[1] == b"400"
