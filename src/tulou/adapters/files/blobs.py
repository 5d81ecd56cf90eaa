"""Blobs as files of a folder: written beside their place, synced, then put there in one step."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from operator import attrgetter
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from tulou.adapters.files import disk
from tulou.adapters.files.place import place
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.kernel.ids import new_id
from tulou.ports.blobs import BlobFacts, check_key, check_prefix

T = TypeVar("T")


class FileBlobs:
    """The blobs port on one folder, which several processes may share. No key may be a folder of another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, overwrite: bool = True) -> BlobFacts:
        """Write the chunks; nothing is seen of them before the last is on disk."""
        target = await self._free(key, overwrite=overwrite)
        with self._incoming() as incoming:
            size = await self._write(key, incoming, chunks)
            await self._disk(key, lambda: place(incoming, target, overwrite=overwrite))
        return BlobFacts(key=key, size=size)

    async def put_file(self, key: str, path: Path, *, overwrite: bool = True) -> BlobFacts:
        """Copy a file: a link would let later changes of the original through."""
        target = await self._free(key, overwrite=overwrite)
        with self._incoming() as incoming:
            size = await self._disk(key, lambda: disk.copy(path, incoming))
            await self._disk(key, lambda: place(incoming, target, overwrite=overwrite))
        return BlobFacts(key=key, size=size)

    async def get(self, key: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Read in pieces of a mebibyte, in a thread."""
        target = await self._existing(key)
        file = await self._disk(key, lambda: target.open("rb"))
        with file:
            await self._disk(key, lambda: file.seek(offset))
            while piece := await self._disk(key, lambda: file.read(disk.PIECE)):
                yield piece

    async def find(self, key: str) -> BlobFacts | None:
        """Look at the file."""
        target = self._target(key)
        return await self._disk(key, lambda: disk.facts(key, target))

    async def fetch(self, key: str, target: Path) -> None:
        """Link the file to the target, or copy it to another file system; the target is read-only."""
        source = await self._existing(key)
        await self._disk(key, lambda: disk.link_or_copy(source, target))

    async def list(self, prefix: str) -> AsyncIterator[BlobFacts]:
        """Walk the folder once, then yield in the order of the keys."""
        check_prefix(prefix)
        found = await asyncio.to_thread(lambda: list(disk.walk(self._folder, prefix)))
        for facts in sorted(found, key=attrgetter("key")):
            yield facts

    async def delete(self, key: str) -> None:
        """Unlink the file; what `fetch` linked keeps its content."""
        target = self._target(key)
        if await self.find(key) is not None:
            await self._disk(key, lambda: target.unlink(missing_ok=True))

    async def close(self) -> None:
        """Nothing is held open."""

    def _target(self, key: str) -> Path:
        if check_key(key).split("/")[0] == disk.INCOMING:
            raise InvalidError(f"{key!r}: {disk.INCOMING} is where blobs are written first; choose another key")
        return self._folder / key

    async def _existing(self, key: str) -> Path:
        if await self.find(key) is None:
            raise NotFoundError(f"no {self._name(key)}")
        return self._target(key)

    async def _free(self, key: str, *, overwrite: bool) -> Path:
        """Refuse early what `place` would refuse in the end, after gigabytes."""
        if not overwrite and await self.find(key) is not None:
            raise ConflictError(f"{self._name(key)} exists already; it is kept as it is")
        return self._target(key)

    async def _write(self, key: str, incoming: Path, chunks: AsyncIterator[bytes]) -> int:
        size = 0
        file = await self._disk(key, lambda: incoming.open("xb"))
        try:
            async for chunk in chunks:
                size += len(chunk)
                await self._disk(key, lambda piece=chunk: file.write(piece))
            await self._disk(key, lambda: disk.sync(file))
        finally:
            with contextlib.suppress(OSError):  # what matters was synced; a full disk has been told of
                file.close()
        return size

    @contextmanager
    def _incoming(self) -> Generator[Path]:
        incoming = self._folder / disk.INCOMING / new_id("blob")
        try:
            yield incoming
        finally:
            incoming.unlink(missing_ok=True)

    async def _disk(self, key: str, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            raise disk.explained(self._name(key), error) from error

    def _name(self, key: str) -> str:
        return f"blob {key!r} in {self._folder}"


@asynccontextmanager
async def open_file_blobs(url: str) -> AsyncGenerator[FileBlobs]:
    """Open `file://FOLDER`; the folder is made if it is not there."""
    parts = urlsplit(url)
    folder = Path(unquote(parts.netloc + parts.path)).absolute()  # noqa: ASYNC240 - asks nothing of the disk
    await asyncio.to_thread(disk.prepare, folder)
    yield FileBlobs(folder)
