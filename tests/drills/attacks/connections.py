"""Connections that are held for nothing."""

from tests.drills.attack import attack
from tests.drills.field import Field
from tests.drills.wire import connected, head, many

IDLE = 1_000


async def idle_connections(field: Field) -> None:
    """Ask once on each of many connections, and keep them."""

    async def one(_: int) -> None:
        async with connected(field.place()) as line:
            await line.send(head("GET", "/v1/models", key=field.key))
            await line.answer()
            await line.reader.read()

    await many(field, field.size.of(IDLE), one)


async def answers_of_the_administration_that_nobody_reads(field: Field) -> None:
    """Ask for what is long, and read none of it."""
    paths = ("/openapi.json", "/api/v1/audit/export", "/api/v1/usage/csv", "/api/v1/ledger?limit=1000")

    async def one(number: int) -> None:
        async with connected(field.place(), deaf=True) as line:
            await line.send(head("GET", paths[number % len(paths)], key=field.admin))
            await line.reader.readexactly(1)
            await line.writer.wait_closed()

    await many(field, field.size.of(IDLE // 2), one)


ATTACKS = (attack(idle_connections), attack(answers_of_the_administration_that_nobody_reads))
