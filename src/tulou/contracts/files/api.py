"""Files: what clients upload, kept in the blob store and told apart by project."""

from collections.abc import AsyncIterator
from typing import Protocol

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
from tulou.kernel.message import Done


class Files(Protocol):
    """Files of projects; `chassis.uploads` writes one piece by piece."""

    async def caps(self, request: GetFileCaps) -> FileCaps:
        """Return how large a file may be."""
        ...

    async def begin(self, request: BeginFile) -> File:
        """Note that a file arrives; nobody sees it before it is finished. Raise `LimitedError` without room for it."""
        ...

    async def append(self, request: AppendPiece) -> Done:
        """Keep a piece; raise `TooLargeError` beyond the cap."""
        ...

    async def finish(self, request: FinishFile) -> File:
        """Let the file be seen; raise `InvalidError` if pieces are missing."""
        ...

    async def file(self, request: NameFile) -> File:
        """Return a file; raise `NotFoundError` for an unknown one and for one of somebody else."""
        ...

    async def files(self, request: ListFiles) -> FilePage:
        """Return a page of files."""
        ...

    async def delete(self, request: NameFile) -> Done:
        """Remove a file."""
        ...

    def content(self, request: NameFile) -> AsyncIterator[FileChunk]:
        """Yield what is in a file."""
        ...
