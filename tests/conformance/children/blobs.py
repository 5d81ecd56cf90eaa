"""Store blobs for ever, and say which are stored: `python -m tests.conformance.children.blobs FOLDER`."""

import asyncio
import sys
from collections.abc import AsyncIterator

from tulou.adapters.files.blobs import open_file_blobs

SIZE = 300_000


async def _pieces(number: int) -> AsyncIterator[bytes]:
    for _ in range(3):
        yield b"%d " % (number % 10) * (SIZE // 6)


async def _store(url: str) -> None:
    async with open_file_blobs(url) as blobs:
        for number in range(100_000):
            await blobs.put(f"b/{number}", _pieces(number), overwrite=number % 2 == 0)
            print(number, flush=True)  # noqa: T201 - its purpose


if __name__ == "__main__":
    asyncio.run(_store(sys.argv[1]))
