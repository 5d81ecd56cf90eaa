"""A model's files in the blob store: under the digest they have, once, and not again after a crash."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from tulou.chassis.artifact_files import blob_key, store_file
from tulou.chassis.jobs import JobRun
from tulou.kernel.errors import UnavailableError
from tulou.ports.blobs import BlobFacts, Blobs
from tulou.testing.house import open_house

CONTENT = b"weights" * 1000
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


class Run:
    """Attempts at one job: what one records the next is given."""

    def __init__(self) -> None:
        self.steps: dict[str, str] = {}

    def step(self, name: str) -> str | None:
        return self.steps.get(name)

    async def record(self, name: str, value: str = "null") -> None:
        self.steps[name] = value


class CountedBlobs:
    """A real store that counts what is put into it, and may change the file just before."""

    def __init__(self, inner: Blobs) -> None:
        self.inner = inner
        self.puts = 0
        self.changes: Path | None = None

    async def find(self, key: str) -> BlobFacts | None:
        return await self.inner.find(key)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> BlobFacts:
        self.puts += 1
        if self.changes:
            self.changes.write_bytes(CONTENT[::-1])
        return await self.inner.put(key, chunks)


@pytest.fixture
async def blobs() -> AsyncGenerator[CountedBlobs]:
    async with open_house() as house:
        yield CountedBlobs(house.blobs)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(CONTENT)
    return path


async def store(file: Path, blobs: CountedBlobs, run: Run) -> tuple[str, str, int, str]:
    stored = await store_file(file, "model.gguf", cast("Blobs", blobs), cast("JobRun", run))
    return stored.name, stored.digest, stored.size, stored.blob


async def test_a_file_lies_under_the_digest_of_its_content(file: Path, blobs: CountedBlobs) -> None:
    assert await store(file, blobs, Run()) == ("model.gguf", DIGEST, len(CONTENT), blob_key(DIGEST))

    found = await blobs.find(blob_key(DIGEST))
    assert found is not None
    assert found.size == len(CONTENT)


async def test_a_later_attempt_stores_again_only_what_is_not_there(file: Path, blobs: CountedBlobs) -> None:
    run = Run()
    first = await store(file, blobs, run)
    assert await store(file, blobs, run) == first
    assert blobs.puts == 1

    await blobs.inner.delete(blob_key(DIGEST))
    assert await store(file, blobs, run) == first
    assert blobs.puts == 2
    assert await blobs.find(blob_key(DIGEST)) is not None


async def test_nothing_lies_under_a_digest_that_it_does_not_have(file: Path, blobs: CountedBlobs) -> None:
    run, blobs.changes = Run(), file

    with pytest.raises(UnavailableError, match="was changed while it was read; it is tried again"):
        await store(file, blobs, run)
    assert await blobs.find(blob_key(DIGEST)) is None
    assert run.steps == {}


async def test_a_later_attempt_that_made_another_file_stores_that_one(file: Path, blobs: CountedBlobs) -> None:
    run = Run()
    _, first, _, _ = await store(file, blobs, run)
    await asyncio.to_thread(file.write_bytes, CONTENT[1:])
    _, second, size, _ = await store(file, blobs, run)
    assert (first != second, size) == (True, len(CONTENT) - 1)
