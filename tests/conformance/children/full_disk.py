"""Store a blob that fits and one that does not, and say what happened."""

import asyncio
import sys
from collections.abc import AsyncIterator

from tulou.adapters.files.blobs import open_file_blobs
from tulou.kernel.errors import TulouError


async def _pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 30_000


async def _store(folder: str) -> None:
    async with open_file_blobs(f"file://{folder}") as blobs:
        await blobs.put("small", _pieces(1))
        try:
            await blobs.put("large", _pieces(9))
        except TulouError as error:
            print(f"{type(error).__name__}: {error}")  # noqa: T201 - its purpose


if __name__ == "__main__":
    asyncio.run(_store(sys.argv[1]))
