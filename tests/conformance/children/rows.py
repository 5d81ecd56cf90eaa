"""Commit rows for ever, and say which are committed: `python -m tests.conformance.children.rows URL`."""

import asyncio
import sys

from sqlalchemy import text

from tulou.adapters.sql.sqlite import open_sqlite


async def _commit(url: str) -> None:
    async with open_sqlite(url) as database:
        async with database.transaction() as tx:
            await tx.execute(text("CREATE TABLE IF NOT EXISTS lines (number INTEGER PRIMARY KEY, twin INTEGER)"))
        for number in range(100_000):
            async with database.transaction() as tx:
                await tx.execute(text("INSERT INTO lines VALUES (:n, :n)"), {"n": 2 * number})
                await tx.execute(text("INSERT INTO lines VALUES (:n + 1, :n)"), {"n": 2 * number})
            print(number, flush=True)  # noqa: T201 - its purpose


if __name__ == "__main__":
    asyncio.run(_commit(sys.argv[1]))
