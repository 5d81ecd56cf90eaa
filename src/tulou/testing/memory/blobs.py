"""Blobs in memory, for tests and for houses that keep nothing."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tulou.kernel.errors import ConflictError, NotFoundError, UnavailableError
from tulou.ports.blobs import BlobFacts, check_key, check_prefix

MAX_BYTES = 256 * 1024 * 1024
PIECE = 256 * 1024


class MemoryBlobs:
    """The blobs port within one process, up to a cap of bytes."""

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._contents: dict[str, bytes] = {}

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, overwrite: bool = True) -> BlobFacts:
        """Keep the chunks as one blob."""
        check_key(key)
        self._check_free(key, overwrite=overwrite)
        content = bytearray()
        async for chunk in chunks:
            content += chunk
            self._check_room(key, len(content))
        return self._keep(key, bytes(content), overwrite=overwrite)

    async def put_file(self, key: str, path: Path, *, overwrite: bool = True) -> BlobFacts:
        """Keep a copy of a small file."""
        check_key(key)
        self._check_room(key, path.stat().st_size)  # noqa: ASYNC240 - memory blobs are for tests: files are small
        return self._keep(key, path.read_bytes(), overwrite=overwrite)  # noqa: ASYNC240 - the same

    async def get(self, key: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the content."""
        content = self._content(key)
        for start in range(offset, len(content), PIECE):
            yield content[start : start + PIECE]

    async def find(self, key: str) -> BlobFacts | None:
        """Return the facts of a blob."""
        check_key(key)
        content = self._contents.get(key)
        return None if content is None else BlobFacts(key=key, size=len(content))

    async def fetch(self, key: str, target: Path) -> None:
        """Write a blob to a file."""
        target.write_bytes(self._content(key))  # noqa: ASYNC240 - memory blobs are for tests: files are small

    async def list(self, prefix: str) -> AsyncIterator[BlobFacts]:
        """Yield what is there now."""
        check_prefix(prefix)
        for key in sorted(self._contents):
            if key.startswith(prefix):
                yield BlobFacts(key=key, size=len(self._contents[key]))

    async def delete(self, key: str) -> None:
        """Forget a blob."""
        check_key(key)
        self._contents.pop(key, None)

    async def close(self) -> None:
        """Forget everything."""
        self._contents.clear()

    def _content(self, key: str) -> bytes:
        check_key(key)
        if key not in self._contents:
            raise NotFoundError(f"no blob {key!r} in memory")
        return self._contents[key]

    def _keep(self, key: str, content: bytes, *, overwrite: bool) -> BlobFacts:
        self._check_free(key, overwrite=overwrite)
        self._contents[key] = content
        return BlobFacts(key=key, size=len(content))

    def _check_free(self, key: str, *, overwrite: bool) -> None:
        if not overwrite and key in self._contents:
            raise ConflictError(f"blob {key!r} exists already; it is kept as it is")

    def _check_room(self, key: str, size: int) -> None:
        if size + sum(map(len, self._contents.values())) > self._max_bytes:
            raise UnavailableError(f"no room for blob {key!r}: memory://'s cap is {self._max_bytes} bytes; use file://")


@asynccontextmanager
async def open_memory_blobs(_: str) -> AsyncGenerator[MemoryBlobs]:
    """Open `memory://`."""
    blobs = MemoryBlobs()
    yield blobs
    await blobs.close()
