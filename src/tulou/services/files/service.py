"""The use cases of the files service."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from tulou.chassis.paging import check_limit, page_of
from tulou.contracts.files.messages import (
    AppendPiece,
    BeginFile,
    File,
    FileCaps,
    FileChunk,
    FilePage,
    FinishFile,
    GetFileCaps,
    ListFiles,
    NameFile,
    Owner,
)
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError
from tulou.kernel.ids import new_id
from tulou.kernel.message import Done
from tulou.ports.blobs import Blobs
from tulou.ports.database import Database, Transaction
from tulou.services.files import domain, store
from tulou.services.files.domain import piece_key
from tulou.services.files.settings import FilesSettings

SWEPT_AT_ONCE = 200


class FilesService:
    """Files, told apart by project; implements `contracts.files.Files`."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Clock, settings: FilesSettings) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._settings = settings

    async def caps(self, request: GetFileCaps) -> FileCaps:  # noqa: ARG002 - the contract's shape
        """Return how large a file may be, and how many may arrive at once."""
        return FileCaps(file_bytes=self._settings.file_bytes, uploads=self._settings.uploads)

    async def begin(self, request: BeginFile) -> File:
        """Note that a file arrives; nobody sees it before it is finished. Raise `LimitedError` without room for it."""
        domain.check_begin(request)
        file = self._begun(request)
        async with self._database.transaction() as tx:
            self._check_room(request.owner, *await store.total(tx, request.owner))
            await store.add(tx, file)
        return file

    async def append(self, request: AppendPiece) -> Done:
        """Keep a piece; raise `TooLargeError` beyond the cap."""
        await self._blobs.put(piece_key(request.id, request.number), _whole(request.data))
        async with self._database.transaction() as tx:
            pieces, size = await _arriving(tx, request.id, request.owner)
            domain.check_size(size + len(request.data), at_most=self._settings.file_bytes)
            if request.number == pieces:
                await store.grew(tx, request.id, pieces=pieces + 1, size=size + len(request.data))
        return Done()

    async def finish(self, request: FinishFile) -> File:
        """Let the file be seen; raise `InvalidError` if pieces are missing."""
        async with self._database.transaction() as tx:
            pieces, _ = await _arriving(tx, request.id, request.owner)
            if pieces != request.pieces:
                raise InvalidError(f"{pieces} of {request.pieces} pieces have arrived; send the file again")
            await store.arrived(tx, request.id, digest=request.digest)
        return await self.file(NameFile(owner=request.owner, id=request.id))

    async def file(self, request: NameFile) -> File:
        """Return a file; raise `NotFoundError` for an unknown one and for one of somebody else."""
        async with self._database.reading() as tx:
            found = await store.find(tx, request)
        if found is None or (found.expires_at is not None and self._clock.now() >= found.expires_at):
            raise NotFoundError(f"no file {request.id!r} in this project; GET /v1/files lists those there are")
        return found

    async def files(self, request: ListFiles) -> FilePage:
        """Return a page of files."""
        check_limit(request.limit, most=domain.PAGE_CAP)
        async with self._database.reading() as tx:
            found = await store.page(tx, request)
        page = page_of(found, request.limit, lambda file: file.id)
        return FilePage(items=page.items, more=page.next is not None)

    async def delete(self, request: NameFile) -> Done:
        """Remove a file: it is not seen any more at once, and its content is removed after that."""
        file = await self.file(request)
        async with self._database.transaction() as tx:
            await store.remove(tx, file)
        await self._drop([file])
        return Done()

    async def content(self, request: NameFile) -> AsyncGenerator[FileChunk]:
        """Yield what is in a file."""
        file = await self.file(request)
        async with self._database.reading() as tx:
            pieces = await store.pieces(tx, file.id)
        for number in range(pieces):
            async for chunk in self._blobs.get(piece_key(file.id, number)):
                yield FileChunk(data=chunk)

    async def sweep(self) -> None:
        """Remove what has expired, what broke off, and what a crash left half removed."""
        now = self._clock.now()
        async with self._database.reading() as tx:
            gone = await store.finished(tx, now=now, arrived_before=now - self._settings.arrival_s, limit=SWEPT_AT_ONCE)
        await self._drop(gone)

    async def _drop(self, files: Sequence[File]) -> None:
        for file in files:
            keys = [facts.key async for facts in self._blobs.list(f"files/{file.id}/")]
            for key in keys:
                await self._blobs.delete(key)
        if files:
            async with self._database.transaction() as tx:
                await store.forget(tx, [file.id for file in files])

    def _begun(self, request: BeginFile) -> File:
        now, after = self._clock.now(), request.expires_after_s
        return File(
            id=new_id("file"),
            owner=request.owner,
            name=request.name,
            purpose=request.purpose,
            size=0,
            created_at=now,
            expires_at=None if after is None else now + after,
        )

    def _check_room(self, owner: Owner, count: int, size: int) -> None:
        limits = self._settings
        if count >= limits.project_files or size >= limits.project_bytes:
            raise LimitedError(
                f"the project {owner.project!r} has {count} files of {size} bytes; it may have {limits.project_files} "
                f"of {limits.project_bytes} bytes ([files] project_files, project_bytes): delete some"
            )


async def _arriving(tx: Transaction, file_id: str, owner: Owner) -> tuple[int, int]:
    found = await store.arriving(tx, file_id, owner)
    if found is None:
        raise NotFoundError(f"no file {file_id!r} is arriving; it took too long, or was never begun")
    return found


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data
