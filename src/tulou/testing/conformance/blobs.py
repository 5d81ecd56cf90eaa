"""What every blobs adapter must do."""

# ruff: noqa: S101, ASYNC240, D102 - a suite of tests, whose names are sentences

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.ports.blobs import BlobFacts, Blobs

MIB = 1024 * 1024
LARGE = 20 * MIB + 7  # more than one part of a multipart upload


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    """Yield the pieces."""
    for piece in pieces:
        yield piece


async def failing(*pieces: bytes) -> AsyncIterator[bytes]:
    """Yield the pieces, then break."""
    for piece in pieces:
        yield piece
    raise ValueError("the source broke")


async def content(blobs: Blobs, key: str, offset: int = 0) -> bytes:
    """Return a blob as a whole."""
    return b"".join([piece async for piece in blobs.get(key, offset=offset)])


async def keys(blobs: Blobs, prefix: str = "") -> list[str]:
    """Return the keys under a prefix, as they come."""
    return [found.key async for found in blobs.list(prefix)]


class BlobsSuite:
    """Needs the fixture `blobs` (empty)."""

    async def test_chunks_become_one_blob(self, blobs: Blobs) -> None:
        facts = await blobs.put("models/a:1/w-0_1.gguf", chunks(b"ab", b"", b"cde"))
        assert facts == BlobFacts(key="models/a:1/w-0_1.gguf", size=5)
        assert await blobs.find("models/a:1/w-0_1.gguf") == facts
        assert await content(blobs, "models/a:1/w-0_1.gguf") == b"abcde"

    async def test_an_empty_blob_is_a_blob(self, blobs: Blobs) -> None:
        assert (await blobs.put("empty", chunks())).size == 0
        assert await content(blobs, "empty") == b""
        assert (await blobs.put("created", chunks(), overwrite=False)).size == 0
        assert await content(blobs, "created") == b""

    async def test_reading_begins_where_it_is_told(self, blobs: Blobs) -> None:
        await blobs.put("a", chunks(b"0123456789"))
        assert await content(blobs, "a", 7) == b"789"
        assert await content(blobs, "a", 10) == b""
        assert await content(blobs, "a", 99) == b""

    async def test_a_large_file_goes_in_and_out_unchanged(self, blobs: Blobs, tmp_path: Path) -> None:
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(LARGE // 32 + 1))[:LARGE])
        assert (await blobs.put_file("large", source)).size == LARGE
        await blobs.fetch("large", target)
        assert target.read_bytes() == source.read_bytes()
        assert await content(blobs, "large", LARGE - 3) == source.read_bytes()[-3:]

    async def test_a_large_blob_can_be_made_only_once(self, blobs: Blobs, tmp_path: Path) -> None:
        source = tmp_path / "source"
        source.write_bytes(b"a" * LARGE)
        await blobs.put_file("large", source, overwrite=False)
        with pytest.raises(ConflictError, match="large"):
            await blobs.put_file("large", source, overwrite=False)
        assert (await content(blobs, "large")) == b"a" * LARGE
        assert await keys(blobs) == ["large"]

    async def test_a_blob_is_replaced_only_where_that_is_wanted(self, blobs: Blobs) -> None:
        await blobs.put("a", chunks(b"1"))
        await blobs.put("a", chunks(b"2"))
        assert await content(blobs, "a") == b"2"
        with pytest.raises(ConflictError, match="'a'"):
            await blobs.put("a", chunks(b"3"), overwrite=False)
        assert await content(blobs, "a") == b"2"

    async def test_a_source_that_breaks_leaves_nothing(self, blobs: Blobs) -> None:
        for overwrite in (True, False):
            with pytest.raises(ValueError, match="broke"):
                await blobs.put("a/b", failing(b"half"), overwrite=overwrite)
        assert await blobs.find("a/b") is None
        assert await keys(blobs) == []

    async def test_a_source_that_breaks_leaves_what_was_there(self, blobs: Blobs) -> None:
        await blobs.put("a", chunks(b"old"))
        with pytest.raises(ValueError, match="broke"):
            await blobs.put("a", failing(b"new"))
        assert await content(blobs, "a") == b"old"

    async def test_what_is_not_there_is_not_found(self, blobs: Blobs, tmp_path: Path) -> None:
        assert await blobs.find("no/such") is None
        with pytest.raises(NotFoundError, match="no/such"):
            await content(blobs, "no/such")
        with pytest.raises(NotFoundError, match="no/such"):
            await blobs.fetch("no/such", tmp_path / "target")
        assert list(tmp_path.iterdir()) == []
        await blobs.delete("no/such")

    async def test_keys_are_listed_in_order_under_their_prefix(self, blobs: Blobs) -> None:
        for key in ("b/2", "a-b", "a/1/x", "b/10", "a/2", "ab"):
            await blobs.put(key, chunks(key.encode()))
        assert await keys(blobs) == ["a-b", "a/1/x", "a/2", "ab", "b/10", "b/2"]
        assert await keys(blobs, "a/") == ["a/1/x", "a/2"]
        assert await keys(blobs, "b/1") == ["b/10"]
        assert await keys(blobs, "a") == ["a-b", "a/1/x", "a/2", "ab"]
        assert await keys(blobs, "c/") == []

    async def test_a_deleted_blob_is_gone(self, blobs: Blobs) -> None:
        await blobs.put("a/b", chunks(b"1"))
        await blobs.delete("a/b")
        assert await blobs.find("a/b") is None
        assert await keys(blobs) == []

    async def test_a_fetched_file_replaces_and_outlives(self, blobs: Blobs, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.write_bytes(b"old")
        await blobs.put("a", chunks(b"1"))
        await blobs.fetch("a", target)
        await blobs.fetch("a", target)
        await blobs.put("a", chunks(b"2"))
        await blobs.delete("a")
        assert target.read_bytes() == b"1"
        assert [path.name for path in tmp_path.iterdir()] == ["target"]

    @pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.", "a b", "a\n", "ä", "a" * 1000])
    async def test_what_is_no_key_is_refused(self, blobs: Blobs, key: str) -> None:
        with pytest.raises(InvalidError):
            await blobs.put(key, chunks(b"1"))
        with pytest.raises(InvalidError):
            await content(blobs, key)
        with pytest.raises(InvalidError):
            await blobs.find(key)
        with pytest.raises(InvalidError):
            await blobs.delete(key)

    @pytest.mark.parametrize("prefix", ["../", "/", "a/../../b", "a//"])
    async def test_what_begins_no_key_is_refused(self, blobs: Blobs, prefix: str) -> None:
        with pytest.raises(InvalidError):
            await keys(blobs, prefix)
