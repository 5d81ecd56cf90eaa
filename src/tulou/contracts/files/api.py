"""Files: what clients upload, kept in the blob store and told apart by project."""

from collections.abc import AsyncIterator
from typing import Protocol

from tulou.contracts.files.messages import BeginFile, File, FileChunk, FilePage, ListFiles, NameFile
from tulou.kernel.message import Done
from tulou.kernel.operation import Operation, StreamOperation

FILE = Operation("files.file", NameFile, File)
FILES = Operation("files.files", ListFiles, FilePage)
DELETE = Operation("files.delete", NameFile, Done)
CONTENT = StreamOperation("files.content", NameFile, FileChunk)


class Files(Protocol):
    """Files of projects. `write` is no operation: bytes come by REST, or from a service of the same process."""

    async def write(self, request: BeginFile, chunks: AsyncIterator[bytes]) -> File:
        """Keep a file; raise `TooLargeError` beyond the cap. Nothing is kept of one that breaks off."""
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
