"""What takes much of a loop's time is done one at a time, and what nobody wants is only counted."""

import asyncio
import socket
from itertools import count
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from tulou.chassis.http.client import Client
from tulou.chassis.http.tests.raw import Patience, Raw, get, raw
from tulou.http.loop_turns import HEAVY_BYTES, turns_of
from tulou.http.server.server import UNSENT_BYTES, serving
from tulou.http.server.tests.wire import wire
from tulou.testing.eventually import eventually

PIECE = 100 * 1024
MANY = 50


async def test_one_of_those_that_wait_is_called_a_turn() -> None:
    loop, said = asyncio.get_running_loop(), list[object]()
    for number in range(3):
        turns_of(loop).wait(lambda number=number: said.append(number))
    for _ in range(3):
        said.append("all else")
        await asyncio.sleep(0)

    assert said[0] == "all else"
    assert [each for each in said if each != "all else"] == [0, 1, 2]
    assert said.index(2) > said.index("all else", said.index(0)), "others had the loop in between"


async def test_who_waits_again_when_called_comes_last() -> None:
    loop, said = asyncio.get_running_loop(), list[str]()

    def again() -> None:
        said.append("first")
        turns_of(loop).wait(lambda: said.append("again"))

    turns_of(loop).wait(again)
    turns_of(loop).wait(lambda: said.append("second"))
    for _ in range(3):
        await asyncio.sleep(0)

    assert said == ["first", "second", "again"]


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def test_a_large_read_of_a_client_waits_for_its_turn() -> None:
    async with wire(refuse) as made:
        made.inbound.data_received(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n")
        await made.settle()
        made.inbound.data_received(b"x" * (HEAVY_BYTES - 1))
        assert not made.transport.paused
        made.inbound.data_received(b"x" * HEAVY_BYTES)
        assert made.transport.paused
        await made.settle()
        assert not made.transport.paused


async def test_the_next_request_is_answered_behind_a_body_that_nobody_wanted() -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (MANY * PIECE)
    async with wire(refuse) as made:
        made.inbound.data_received(head + b"x")
        await made.settle()
        assert made.statuses == [413]
        left = MANY * PIECE - 1
        while left:
            made.inbound.data_received(b"x" * min(PIECE, left))
            left -= min(PIECE, left)
            await made.settle()
        assert made.inbound.phase == "idle"
        made.inbound.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await made.settle()
        assert made.statuses == [413, 413, 413]


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * PIECE)
        await writer.drain()


async def _held(client: Client, server: Raw) -> int:
    exchange = await client.send(get(server), Patience())
    await eventually(lambda: exchange.held)
    held = len(await exchange.chunk())
    exchange.close()
    return held


async def test_little_of_an_answer_is_held_for_a_taker_that_has_no_time() -> None:
    async with raw(endless) as server:
        client = Client()
        held = await asyncio.gather(*(_held(client, server) for _ in range(10)))
        await client.close()

    assert max(held) <= 128 * 1024


async def test_little_of_an_answer_is_made_for_a_client_that_does_not_read() -> None:
    poured: list[int] = []

    async def pour(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for size in count(step=16_384):
            await send({"type": "http.response.body", "body": b"x" * 16_384, "more_body": True})
            poured.append(size)

    async with serving(pour) as url:
        parts = urlsplit(url)
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)  # noqa: FBT003 - the standard library's signature
            loop = asyncio.get_running_loop()
            await asyncio.sleep(0)  # the server begins
            await loop.sock_connect(deaf, (parts.hostname, parts.port))
            await loop.sock_sendall(deaf, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            before = -1
            while not poured or before != poured[-1]:
                before = poured[-1] if poured else -1
                for _ in range(200):
                    await asyncio.sleep(0)

    assert poured[-1] < 8 * UNSENT_BYTES
