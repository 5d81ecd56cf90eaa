"""A place for large immutable things: model files, datasets, documents."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

KEY = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._:-]+(?:/[A-Za-z0-9._:-]+)*")
MAX_KEY = 900


def check_key(key: str) -> str:
    """Return the key; raise `InvalidError` if it is none. `.` and `..` are no parts of keys."""
    if len(key) > MAX_KEY or not KEY.fullmatch(key):
        raise InvalidError(
            f"{key[:100]!r} is not a blob key: `/`-separated letters, digits, `.`, `_`, `-`, `:`; {MAX_KEY} at most"
        )
    return key


def check_prefix(prefix: str) -> str:
    """Return the beginning of a key, which may be empty or end in `/`; raise `InvalidError` if no key begins so."""
    if prefix:
        check_key(prefix.removesuffix("/"))
    return prefix


@message
class BlobFacts:
    """What is known of a blob without reading it; `size` in bytes."""

    key: str
    size: int


class Blobs(Protocol):
    """Keys are `/`-separated paths of letters, digits, `.`, `_`, `-` and `:`; anything else is an `InvalidError`."""

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, overwrite: bool = True) -> BlobFacts:
        """Store the chunks under `key`, all or nothing; raise `ConflictError` if it exists and `overwrite` is false."""
        ...

    async def put_file(self, key: str, path: Path, *, overwrite: bool = True) -> BlobFacts:
        """Store a local file under `key`, all or nothing, without reading it into memory."""
        ...

    def get(self, key: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the content from `offset` bytes on; raise `NotFoundError` for an unknown key."""
        ...

    async def find(self, key: str) -> BlobFacts | None:
        """Return the facts of a blob, or None where there is none."""
        ...

    async def fetch(self, key: str, target: Path) -> None:
        """Bring a blob to a local path, all or nothing; a local store may link instead of copying."""
        ...

    def list(self, prefix: str) -> AsyncIterator[BlobFacts]:
        """Yield what is stored under a prefix, in the order of the keys."""
        ...

    async def delete(self, key: str) -> None:
        """Remove a blob; removing what is not there is no error."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
