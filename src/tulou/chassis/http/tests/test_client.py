import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import uvloop

from tulou.chassis.http.client import Client, ClientLimits
from tulou.chassis.http.connection import Connection
from tulou.chassis.http.errors import BrokenError, ConnectError, LateError, OversizeError
from tulou.chassis.http.exchange import Exchange, ExchangeDeadlines
from tulou.chassis.http.origin import Origin
from tulou.chassis.http.pool import ConnectionPool
from tulou.chassis.http.request import HttpRequest, render_head
from tulou.chassis.http.tests.raw import Patience, get, raw, says
from tulou.kernel.errors import InvalidError
from tulou.testing.eventually import eventually

HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"


@asynccontextmanager
async def client(limits: ClientLimits | None = None) -> AsyncGenerator[Client]:
    made = Client(limits)
    try:
        yield made
    finally:
        await made.close()


async def body(
    client: Client, request: HttpRequest, deadlines: Patience | None = None, *, at_most: int = 1 << 20
) -> bytes:
    exchange = await client.send(request, deadlines or Patience())
    try:
        return await exchange.read(at_most=at_most)
    finally:
        exchange.close()


async def test_bodies_with_a_length_and_in_chunks_arrive_whole() -> None:
    async with raw(says(HELLO, CHUNKED)) as server, client() as http:
        assert await body(http, get(server)) == b"hello"
        assert await body(http, get(server)) == b"hello!"


async def test_a_connection_is_used_again_after_a_complete_answer() -> None:
    async with raw(says(HELLO, HELLO, HELLO)) as server, client() as http:
        for _ in range(3):
            await body(http, get(server))
        assert server.connections == 1


async def test_a_connection_that_the_upstream_wants_closed_is_not_used_again() -> None:
    closing = HELLO.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with raw(says(closing, then_close=True)) as server, client() as http:
        assert [await body(http, get(server)) for _ in range(2)] == [b"hello", b"hello"]
        assert server.connections == 2


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async with raw(says(b"HTTP/1.1 200 OK\r\n\r\nall of it", then_close=True)) as server, client() as http:
        assert await body(http, get(server)) == b"all of it"


async def test_informational_answers_are_passed_over() -> None:
    async with raw(says(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + HELLO)) as server, client() as http:
        exchange = await http.send(get(server), Patience())
        assert (exchange.status, exchange.header(b"link")) == (200, b"")
        assert await exchange.read(at_most=9) == b"hello"


async def test_an_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    async with raw(says(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n")) as server, client() as http:
        assert await body(http, get(server, bodiless=True)) == b""


async def test_a_pooled_connection_that_turns_out_dead_is_replaced_silently() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO)
        await reader.readuntil(b"\r\n\r\n")  # and hangs up on the second request without a word

    async with raw(once) as server, client() as http:
        assert [await body(http, get(server)) for _ in range(2)] == [b"hello", b"hello"]
        assert server.connections == 2


async def test_a_request_that_must_not_be_repeated_gets_a_fresh_connection() -> None:
    async with raw(says(HELLO, HELLO)) as server, client() as http:
        for _ in range(2):
            await body(http, get(server, replayable=False))
        assert server.connections == 2


async def test_a_truncated_answer_is_broken_and_never_repeated() -> None:
    async with raw(says(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello", then_close=True)) as server:
        async with client() as http:
            with pytest.raises(BrokenError, match="middle of its answer"):
                await body(http, get(server))
        assert server.connections == 1


async def test_what_arrived_before_a_break_is_read_before_the_break_is_told() -> None:
    async with raw(says(CHUNKED[:-5], then_close=True)) as server, client() as http:
        exchange = await http.send(get(server), Patience())
        assert await exchange.chunk() == b"hello!"
        with pytest.raises(BrokenError):
            await exchange.chunk()


async def test_an_answer_that_is_not_http_is_broken() -> None:
    async with raw(says(b"SSH-2.0-OpenSSH_9.2\r\n")) as server, client() as http:
        with pytest.raises(BrokenError, match="not HTTP"):
            await body(http, get(server))


async def test_a_head_without_end_is_refused_at_its_cap() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nx-long: ")
        while not writer.is_closing():
            writer.write(b"a" * 10_000)
            await writer.drain()

    async with raw(endless) as server, client() as http:
        with pytest.raises(OversizeError, match="head"):
            await body(http, get(server))


async def test_many_headers_are_refused_at_the_same_cap() -> None:
    many = b"".join(b"x-%d: %b\r\n" % (number, b"v" * 100) for number in range(1000))
    async with raw(says(b"HTTP/1.1 200 OK\r\n" + many + b"content-length: 0\r\n\r\n")) as server, client() as http:
        with pytest.raises(OversizeError, match="head"):
            await body(http, get(server))


async def test_a_body_larger_than_the_caller_takes_is_refused() -> None:
    async with raw(says(HELLO)) as server, client() as http:
        with pytest.raises(OversizeError, match="larger than 4 bytes"):
            await body(http, get(server), at_most=4)


async def test_a_refused_connection_says_that_nobody_listens() -> None:
    async with client() as http:
        with pytest.raises(ConnectError) as caught:
            await http.knock(Origin("http", "127.0.0.1", 9), within_s=5)
        assert caught.value.gone


@pytest.mark.parametrize(
    ("deadlines", "which"),
    [
        (Patience(first_byte_s=0.1), "first byte"),
        (Patience(total_s=0.1), "total"),
    ],
)
async def test_an_upstream_that_says_nothing_misses_the_deadline_that_is_named(deadlines: Patience, which: str) -> None:
    async with raw(says(b"")) as server, client() as http:
        with pytest.raises(LateError, match=which) as caught:
            await body(http, get(server), deadlines)
        assert caught.value.which == which
        await asyncio.wait_for(server.closed.wait(), 60)


async def test_an_upstream_that_stops_in_the_middle_misses_the_idle_deadline() -> None:
    async with raw(says(CHUNKED[:-8])) as server, client() as http:
        with pytest.raises(LateError, match="idle"):
            await body(http, get(server), Patience(idle_s=0.1))


async def test_all_connections_busy_is_a_connect_deadline_and_a_free_one_ends_the_wait() -> None:
    async with raw(says(b"", HELLO)) as server, client(ClientLimits(connections=1)) as http:
        stuck = asyncio.create_task(body(http, get(server)))
        await eventually(lambda: server.connections == 1)
        with pytest.raises(LateError, match="are busy") as caught:
            await body(http, get(server), Patience(connect_s=0.05))
        assert caught.value.which == "connect"
        waiting = asyncio.create_task(body(http, get(server)))
        stuck.cancel()
        await eventually(lambda: server.connections == 2)
        waiting.cancel()
        await asyncio.gather(stuck, waiting, return_exceptions=True)


async def test_free_connections_make_room_for_a_request_that_must_not_be_repeated() -> None:
    async with raw(says(HELLO)) as server, client(ClientLimits(connections=2)) as http:
        for _ in range(5):
            assert await body(http, replace(get(server), replayable=False)) == b"hello"
        assert server.connections == 5


async def test_a_cancelled_caller_closes_the_connection() -> None:
    async with raw(says(b"")) as server, client() as http:
        task = asyncio.create_task(body(http, get(server)))
        await eventually(lambda: server.connections == 1)
        task.cancel()
        await asyncio.wait_for(server.closed.wait(), 60)
        with pytest.raises(asyncio.CancelledError):
            await task


async def _leave_at_every_moment() -> None:
    async with raw(says(HELLO)) as server:
        for turns in range(12):
            pool = ConnectionPool(server.origin, asyncio.get_running_loop(), at_most=1, tls=None)
            opening = asyncio.create_task(pool.connect(5))
            for _ in range(turns):
                await asyncio.sleep(0)
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            connection = await pool.connect(5) if opening.cancelled() else opening.result()
            assert pool.open == 1
            connection.abort()
            await eventually(lambda pool=pool: pool.open == 0)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_callers_that_leave_while_they_connect_take_no_room_with_them(
    run: Callable[[Coroutine[Any, Any, None]], None],
) -> None:
    run(_leave_at_every_moment())


async def test_an_upstream_that_outruns_its_reader_is_made_to_wait() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x" * 1_000_000)
            await writer.drain()
            sent += 1

    async with raw(flood) as server, client() as http:
        exchange = await http.send(get(server), Patience())
        await eventually(lambda: exchange.held)
        assert sent < 30
        size = 0
        while piece := await exchange.chunk():
            assert len(piece) < 2_000_000
            size += len(piece)
        assert size == 100_000_000


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def upload(origin: Origin, parts: AsyncIterator[bytes], framing: tuple[bytes, bytes]) -> HttpRequest:
    head = render_head(b"POST", b"/", origin, [framing])
    chunked = framing[0] == b"transfer-encoding"
    return HttpRequest(origin=origin, head=head, body=parts, chunked=chunked, replayable=False)


async def test_a_streamed_body_is_sent_in_chunks_or_with_its_length() -> None:
    got: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        got.append(await (reader.readuntil(b"0\r\n\r\n") if b"chunked" in head else reader.readexactly(6)))
        writer.write(HELLO)
        await reader.read()

    async with raw(take) as server, client() as http:
        for framing in ((b"transfer-encoding", b"chunked"), (b"content-length", b"6")):
            assert await body(http, upload(server.origin, pieces(b"abc", b"", b"def"), framing)) == b"hello"
    assert got == [b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", b"abcdef"]


async def test_an_upload_that_fails_at_its_source_breaks_the_exchange() -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"abc"
        raise ConnectionError("the client left")

    async with raw(says(b"")) as server, client() as http:
        with pytest.raises(BrokenError, match="the client left"):
            await body(http, upload(server.origin, failing(), (b"transfer-encoding", b"chunked")))
        await asyncio.wait_for(server.closed.wait(), 60)


async def test_an_answer_may_come_before_the_upload_is_done() -> None:
    never = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"abc"
        await never.wait()

    early = b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n"
    async with raw(says(early)) as server, client() as http:
        exchange = await http.send(upload(server.origin, endless(), (b"transfer-encoding", b"chunked")), Patience())
        assert exchange.status == 413
        assert await exchange.read(at_most=1) == b""
        exchange.close()


async def test_headers_that_would_smuggle_another_are_refused() -> None:
    with pytest.raises(InvalidError, match="line break"):
        render_head(b"GET", b"/", Origin("http", "h", 80), [(b"x", b"a\r\nevil: 1")])


async def test_idle_connections_are_closed_after_their_time() -> None:
    async with raw(says(HELLO)) as server, client(ClientLimits(keep_s=0.0)) as http:
        await body(http, get(server))
        await asyncio.wait_for(server.closed.wait(), 60)


async def test_who_gives_up_as_the_head_comes_leaves_no_connection_behind() -> None:
    async with raw(says(HELLO.removesuffix(b"hello"))) as server, client() as http:
        done = asyncio.Event()
        taken: list[Exchange] = []

        async def ask() -> None:
            try:
                taken.append(await http.send(get(server), Patience(idle_s=600.0, total_s=600.0)))
            finally:
                done.set()

        begin, wake = Connection.begin, Exchange.wake

        def begun(line: Connection, request: HttpRequest, deadlines: ExchangeDeadlines) -> Exchange:
            exchange = begin(line, request, deadlines)

            def woken() -> None:
                wake(exchange)
                if exchange.status:
                    asking.cancel()  # in the same turn of the loop, before who waits for the head has it

            exchange.wake = woken  # type: ignore[method-assign]
            return exchange

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Connection, "begin", begun)
            asking = asyncio.create_task(ask())
            await done.wait()
        assert taken == []
        assert asking.cancelling()
        await eventually(server.closed.is_set)


async def test_a_turn_that_came_to_who_gives_up_is_the_next_ones() -> None:
    async with raw(says(HELLO, HELLO, HELLO)) as server, client(ClientLimits(connections=1)) as http:
        first = await http.send(get(server), Patience())
        second, third = (asyncio.create_task(body(http, get(server))) for _ in range(2))
        await asyncio.sleep(0)
        assert await first.read(at_most=100) == b"hello"
        second.cancel()
        assert await third == b"hello"
