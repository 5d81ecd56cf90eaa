"""Streams: unread, and very many."""

import json

from tests.drills.attack import attack
from tests.drills.field import SHARED, Field
from tests.drills.wire import connected, many, post

STREAMS = 500
UNREAD = 100


def streamed(prompt: str, key: str) -> bytes:
    """Return a request for a stream."""
    messages = [{"role": "user", "content": prompt}]
    return post(
        "/v1/chat/completions", json.dumps({"model": SHARED, "messages": messages, "stream": True}).encode(), key=key
    )


async def streams_that_nobody_reads(field: Field) -> None:
    """Ask for endless streams, and read none of them."""

    async def one(_: int) -> None:
        async with connected(field.place(), deaf=True) as line:
            await line.send(streamed("drill:endless:1", field.key))
            await line.reader.readexactly(1)
            await line.writer.wait_closed()

    await many(field, field.size.of(UNREAD), one)


async def many_streams_at_once(field: Field) -> None:
    """Ask for as many streams as one tenant may think of, and read them to their ends."""

    async def one(_: int) -> None:
        async with connected(field.place()) as line:
            await line.send(streamed("drill:slow:50", field.key))
            await line.answer()

    await many(field, field.size.of(STREAMS), one)


ATTACKS = (attack(streams_that_nobody_reads), attack(many_streams_at_once))
