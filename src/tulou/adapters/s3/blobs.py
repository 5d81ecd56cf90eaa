"""Blobs in an S3 bucket: multipart uploads, ranged reads, and writes that refuse to overwrite."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import obstore
from obstore import exceptions
from obstore.store import S3Store

from tulou.adapters.s3.bucket import bucket
from tulou.kernel.errors import ConflictError, NotFoundError, UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.blobs import BlobFacts, check_key, check_prefix

if TYPE_CHECKING:
    from obstore import ListStream, ObjectMeta

PART = 16 * 1024 * 1024
MAX_PARTS = 9_000
"""S3 allows 10,000 parts; larger files get larger parts."""
UPLOADS = 4
COPY_MAX = 5 * 1024**3
"""The most that S3 copies in one step."""
INCOMING = ".incoming"


class S3Blobs:
    """The blobs port on one prefix of a bucket."""

    def __init__(self, store: S3Store, *, name: str) -> None:
        self._store = store
        self._name = name

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, overwrite: bool = True) -> BlobFacts:
        """Upload in parts as the chunks come."""
        return await self._put(key, _Chunks(chunks), PART, overwrite=overwrite)

    async def put_file(self, key: str, path: Path, *, overwrite: bool = True) -> BlobFacts:
        """Upload a file in parts, without Python touching its bytes."""
        size = (await asyncio.to_thread(path.stat)).st_size
        return await self._put(key, path, max(PART, size // MAX_PARTS), overwrite=overwrite)

    async def get(self, key: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Read range by range, each request with its own deadline; fail if the blob is replaced meanwhile."""
        with self._refusals(key):
            head = await obstore.head_async(self._store, check_key(key))
        for start in range(offset, head["size"], PART):
            end = min(start + PART, head["size"])
            with self._refusals(key):
                part = await obstore.get_async(
                    self._store, key, options={"range": (start, end), "if_match": head["e_tag"]}
                )
                piece = bytes(await part.bytes_async())
            yield piece

    async def find(self, key: str) -> BlobFacts | None:
        """HEAD."""
        try:
            with self._refusals(key):
                head = await obstore.head_async(self._store, check_key(key))
        except NotFoundError:
            return None
        return BlobFacts(key=key, size=head["size"])

    async def fetch(self, key: str, target: Path) -> None:
        """Download beside the target, then rename."""
        beside = target.with_name(f".{new_id('fetch')}")
        try:
            with await asyncio.to_thread(beside.open, "xb") as file:
                async for piece in self.get(key):
                    await asyncio.to_thread(file.write, piece)
                await asyncio.to_thread(_sync, file)
            await asyncio.to_thread(beside.replace, target)
        except OSError as error:
            raise UnavailableError(f"{target}: {error.strerror}; the blob {key!r} was not brought there") from error
        finally:
            beside.unlink(missing_ok=True)

    async def list(self, prefix: str) -> AsyncIterator[BlobFacts]:
        """List page by page; S3 orders by key."""
        folder = check_prefix(prefix)[: prefix.rfind("/") + 1]
        pages: ListStream[Sequence[ObjectMeta]] = obstore.list(  # pyright: ignore[reportUnknownMemberType] - of arrow
            self._store, folder or None, chunk_size=1000
        )
        while True:
            with self._refusals(prefix):
                page = await anext(pages, None)
            if page is None:
                return
            for found in page:
                if found["path"].startswith(prefix) and not found["path"].startswith(f"{INCOMING}/"):
                    yield BlobFacts(key=found["path"], size=found["size"])

    async def delete(self, key: str) -> None:
        """DELETE."""
        with suppress(NotFoundError), self._refusals(key):
            await obstore.delete_async(self._store, check_key(key))

    async def close(self) -> None:
        """Do nothing: the client closes its connections by itself."""

    async def _put(self, key: str, content: "Path | _Chunks", part: int, *, overwrite: bool) -> BlobFacts:
        check_key(key)
        if overwrite:
            await self._upload(key, content, part)
        else:
            await self._create(key, content, part)
        with self._refusals(key):
            return BlobFacts(key=key, size=(await obstore.head_async(self._store, key))["size"])

    async def _create(self, key: str, content: "Path | _Chunks", part: int) -> None:
        """Upload under a passing name, then copy on the condition that nothing is there: S3 has no other such write.

        Above 5 GiB S3 cannot copy in one step; there the look beforehand must do.
        """
        if await self.find(key) is not None:
            raise ConflictError(f"blob {key!r} in {self._name} exists already; it is kept as it is")
        if isinstance(content, Path) and (await asyncio.to_thread(content.stat)).st_size > COPY_MAX:
            await self._upload(key, content, part)
            return
        passing = f"{INCOMING}/{new_id('blob')}"
        try:
            await self._upload(passing, content, part)
            with self._refusals(key):
                await obstore.copy_async(self._store, passing, key, overwrite=False)
        finally:
            await asyncio.shield(self.delete(passing))

    async def _upload(self, key: str, content: "Path | _Chunks", part: int) -> None:
        with self._refusals(key):
            await obstore.put_async(self._store, key, content, chunk_size=part, max_concurrency=UPLOADS)

    @contextmanager
    def _refusals(self, key: str) -> Generator[None]:
        where = f"blob {key!r} in {self._name}"
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise UnavailableError(f"{self._name}: there is no such bucket; make it first") from error
            raise NotFoundError(f"no {where}") from error
        except exceptions.AlreadyExistsError as error:
            raise ConflictError(f"{where} exists already; it is kept as it is") from error
        except exceptions.PreconditionError as error:
            raise UnavailableError(f"{where} was replaced while it was read; read it again") from error
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise UnavailableError(f"{self._name} refused our keys; check [ports] blobs") from error
        except exceptions.BaseError as error:
            raise UnavailableError(f"{where}: {str(error).splitlines()[0]}") from error


class _Chunks:
    """An iterable of the chunks, as the uploader wants it."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            yield chunk


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


@asynccontextmanager
async def open_s3_blobs(url: str) -> AsyncGenerator[S3Blobs]:
    """Open `s3://BUCKET/PREFIX?endpoint=URL`; see `bucket`."""
    store = bucket(url)
    yield S3Blobs(store, name=url.split("?", 1)[0])
