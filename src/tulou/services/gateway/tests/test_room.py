"""Large answers of one tenant take a part of the gateway's memory; those of others find room."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from tulou.chassis.http.client import Client
from tulou.chassis.http.errors import OversizeError
from tulou.chassis.http.tests.raw import Patience, Raw, get, raw, says
from tulou.services.gateway.refusals import SpentError
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.room import AnswerRoom
from tulou.testing.eventually import eventually

SIZE = 1024 * 1024
LARGE = says(*[b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % SIZE + b"x" * SIZE] * 9)
UNSTATED = says(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * SIZE, then_close=True)


def call(tenant: str) -> Call:
    made = SimpleNamespace(
        grant=SimpleNamespace(tenant=tenant), room=None, endpoint="chat", allowed=None, cap=None, answers=1, unread=0
    )
    return cast("Call", made)


def room(answers: float, *, answer_bytes: int = 4 * SIZE) -> AnswerRoom:
    """Return room for so many answers of each tenant."""
    return AnswerRoom(total=int(2 * answers * SIZE), share=0.5, answer_bytes=answer_bytes)


async def read(
    client: Client, server: Raw, room: AnswerRoom, call: Call, *, times: int = 1, patience: Patience | None = None
) -> int:
    exchange = await client.send(get(server), patience or Patience())
    try:
        return len(await room.read(call, exchange, times=times))
    finally:
        exchange.close()


async def test_a_tenant_reads_as_many_large_answers_as_it_has_room_for() -> None:
    made, red = room(2), [call("red") for _ in range(4)]
    async with raw(LARGE) as server:
        client = Client()
        reads = [asyncio.create_task(read(client, server, made, each)) for each in red]
        await eventually(lambda: sum(one.done() for one in reads) == 2)
        assert await read(client, server, made, call("blue")) == SIZE, "another tenant does not wait"
        assert sum(one.done() for one in reads) == 2
        for each in red:
            each.room = None
        assert await asyncio.gather(*reads) == [SIZE] * 4
        await client.close()


async def test_an_answer_of_unknown_size_or_of_many_copies_has_all_the_room() -> None:
    made, first, second = room(2), call("red"), call("red")
    async with raw(UNSTATED) as server, raw(LARGE) as other:
        client = Client()
        assert await read(client, server, made, first) == SIZE
        waiting = asyncio.create_task(read(client, other, made, second, times=9))
        await eventually(server.closed.is_set)
        assert not waiting.done()
        first.room = None
        assert await waiting == SIZE
        await client.close()


async def test_who_finds_no_room_until_the_total_deadline_is_told_so_and_takes_none() -> None:
    made, first = room(1), call("red")
    async with raw(LARGE) as server:
        client = Client()
        await read(client, server, made, first)
        with pytest.raises(SpentError, match="room"):
            await read(client, server, made, call("red"), patience=Patience(total_s=0.2))
        first.room = None
        assert await read(client, server, made, call("red")) == SIZE
        await client.close()


async def test_a_call_that_is_given_up_gives_its_room_back_and_knows_what_its_answer_was_guessed_at() -> None:
    made, first, second = room(1), call("red"), call("red")
    async with raw(LARGE) as server:
        client, other = Client(), Client()
        await read(client, server, made, first)
        waiting = asyncio.create_task(read(other, server, made, second))
        await eventually(lambda: second.unread)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert second.unread == SIZE // 4
        del first
        assert await read(client, server, made, call("red")) == SIZE
        await client.close()
        await other.close()


async def test_who_is_cancelled_as_room_is_given_back_is_cancelled() -> None:
    made, first = room(1), call("red")
    async with raw(LARGE) as server:
        client, other = Client(), Client()
        await read(client, server, made, first)
        waiting = asyncio.create_task(read(other, server, made, call("red")))
        await eventually(lambda: server.connections == 2)
        waiting.cancel()
        first.room = None  # in the same turn of the loop
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert await read(client, server, made, call("red")) == SIZE
        await client.close()
        await other.close()


async def test_an_answer_beyond_the_cap_is_refused() -> None:
    async with raw(LARGE) as server:
        client = Client()
        with pytest.raises(OversizeError):
            await read(client, server, room(1, answer_bytes=SIZE // 2), call("red"))
        await client.close()
