"""Commit facts for ever, and say which are committed: `python -m tests.conformance.children.facts URL`."""

import asyncio
import sys

from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import as_house


async def _commit(url: str) -> None:
    async with open_sqlite(url) as database:
        await database.migrate([MIGRATIONS])
        outbox = Outbox(database, clock=SystemClock())
        for number in range(100_000):
            async with database.transaction() as tx:
                await outbox.add(tx, "shop.sold", {"number": number})
            print(number, flush=True)  # noqa: T201 - its purpose


if __name__ == "__main__":
    with as_house("a test"):
        asyncio.run(_commit(sys.argv[1]))
