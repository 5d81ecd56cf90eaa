"""Heads without an end, wherever a connection keeps what it has heard of one."""

from collections.abc import Iterator
from itertools import repeat

from tests.drills.attack import attack
from tests.drills.field import Field
from tests.drills.wire import PIECE, connected, head, many

CONNECTIONS = 40
HALF_HEADS = 800
PIPELINED = 20_000


async def endless_heads_behind_an_unread_answer(field: Field) -> None:
    """Ask for something long, do not read it, and begin a head that never ends."""

    async def one(_: int) -> None:
        async with connected(field.place(), deaf=True) as line:
            await line.send(head("GET", "/openapi.json") + b"GET / HTTP/1.1\r\nx: ")
            await line.pour(repeat(b"x" * PIECE))

    await many(field, field.size.of(CONNECTIONS), one)


async def endless_trailers(field: Field) -> None:
    """End a chunked body, and go on with trailers."""

    def trailers() -> Iterator[bytes]:
        number = 0
        while True:
            lines = [b"t-%d: %b\r\n" % (number + place, b"x" * 1000) for place in range(60)]
            yield b"".join(lines)
            number += len(lines)

    async def one(_: int) -> None:
        async with connected(field.place()) as line:
            await line.send(head("POST", "/v1/chat/completions", chunked=True) + b"2\r\n{}\r\n0\r\n")
            await line.pour(trailers())

    await many(field, field.size.of(CONNECTIONS), one)


async def half_heads_on_many_connections(field: Field) -> None:
    """Send as much of a head as is allowed, and wait."""

    async def one(_: int) -> None:
        async with connected(field.place()) as line:
            await line.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx: " + b"x" * 60_000)
            await line.reader.read()

    await many(field, field.size.of(HALF_HEADS), one)


async def pipelined_requests(field: Field) -> None:
    """Send thousands of requests on one connection, and read as late as possible."""
    requests = head("GET", "/v1/models", key=field.key) * 100

    async def one(_: int) -> None:
        async with connected(field.place(), deaf=True) as line:
            await line.pour(repeat(requests, field.size.of(PIPELINED) // 100))
            await line.reader.read()

    await many(field, 4, one)


ATTACKS = (
    attack(endless_heads_behind_an_unread_answer, stranger=True),
    attack(endless_trailers, stranger=True),
    attack(half_heads_on_many_connections, stranger=True),
    attack(pipelined_requests),
)
