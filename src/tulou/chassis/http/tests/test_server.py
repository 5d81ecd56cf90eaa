import asyncio
import contextlib
import socket

import pytest
from starlette.types import Receive, Scope, Send

from tulou.chassis.http.guard import GuardLimits
from tulou.chassis.http.server import serve, serving
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
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


IMPATIENT = GuardLimits(head_s=0.1, body_s=0.1, idle_s=0.1)


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
    async with serving(hello, limits=IMPATIENT) as url:
        assert (await say(url, words)).split(b" ")[1] == status


async def test_a_body_that_keeps_coming_is_given_its_time() -> None:
    async with serving(hello, limits=GuardLimits(body_s=0.0, body_rate=1.0)) as url:
        words = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2000\r\n\r\n" + b"a" * 1999
        reader, writer = await connect(url)
        writer.write(words)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 1.2)
        writer.write(b"a")
        assert (await reader.read()).endswith(b"hello")
        writer.close()


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
    await asyncio.wait_for(server, 5)


async def test_work_that_outlasts_the_drain_is_cancelled() -> None:
    app, stop = Slow(), asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://{}:{}".format(*listener.getsockname())
    server = asyncio.create_task(serve(app, [listener], stop=stop, drain_s=0.1))
    request = asyncio.create_task(say(url, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
    await eventually(lambda: app.working == 1)
    stop.set()
    await asyncio.wait_for(server, 5)
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
        await asyncio.wait_for(left.wait(), 10)
        writer.close()


async def test_a_body_that_nobody_reads_does_not_spoil_the_connection() -> None:
    async def unwilling(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})

    async with serving(unwilling, limits=GuardLimits(idle_s=0.1)) as url:
        request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n"
        assert (await say(url, request + b"a" * 100, b"a" * 299_900 + request, b"a" * 300_000)).count(b"413") == 2
