"""Files, reached over a transport."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tulou.contracts.files.api import (
    APPEND,
    BEGIN,
    CAPS,
    CONTENT,
    DELETE,
    FILE,
    FILES,
    FINISH,
)
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
)
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done


@dataclass(frozen=True, slots=True)
class FilesClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def caps(self, request: GetFileCaps) -> FileCaps:
        """Return how large a file may be."""
        return await self.transport.call(CAPS, request)

    async def begin(self, request: BeginFile) -> File:
        """Note that a file arrives; nobody sees it before it is finished. Raise `LimitedError` without room for it."""
        return await self.transport.call(BEGIN, request)

    async def append(self, request: AppendPiece) -> Done:
        """Keep a piece; raise `TooLargeError` beyond the cap."""
        return await self.transport.call(APPEND, request)

    async def finish(self, request: FinishFile) -> File:
        """Let the file be seen; raise `InvalidError` if pieces are missing."""
        return await self.transport.call(FINISH, request)

    async def file(self, request: NameFile) -> File:
        """Return a file; raise `NotFoundError` for an unknown one and for one of somebody else."""
        return await self.transport.call(FILE, request)

    async def files(self, request: ListFiles) -> FilePage:
        """Return a page of files."""
        return await self.transport.call(FILES, request)

    async def delete(self, request: NameFile) -> Done:
        """Remove a file."""
        return await self.transport.call(DELETE, request)

    def content(self, request: NameFile) -> AsyncIterator[FileChunk]:
        """Yield what is in a file."""
        return self.transport.stream(CONTENT, request)
