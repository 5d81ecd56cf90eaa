"""Bring a model's files into the blob store, under the digest of their content: the same content lies there once."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.contracts.registry.messages import ArtifactFile
from tulou.kernel.errors import UnavailableError
from tulou.ports.blobs import Blobs

PIECE = 4 * 1024 * 1024


def blob_key(digest: str) -> str:
    """Return where a file with this digest lies, whoever holds it."""
    return f"models/sha256/{digest.removeprefix('sha256:')}"


async def store_file(path: Path, name: str, blobs: Blobs, run: JobRun) -> ArtifactFile:
    """Store a file; what an earlier attempt of the job stored, and is still there, is not stored again.

    Raises `UnavailableError` if the file is changed meanwhile: nothing lies under a digest that it does not have.
    """
    step = f"store {name}"
    digest, size = await _digest(path)
    if recorded := run.step(step):
        stored = msgspec.json.decode(recorded, type=ArtifactFile)
        if stored.digest == digest and await blobs.find(stored.blob):
            return stored  # another attempt may have made another file of this name
    await blobs.put(blob_key(digest), _checked(path, digest))
    file = ArtifactFile(name=name, digest=digest, size=size, blob=blob_key(digest))
    await run.record(step, msgspec.json.encode(file).decode())
    return file


async def _digest(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    async for piece in _pieces(path):
        await asyncio.to_thread(digest.update, piece)
        size += len(piece)
    return f"sha256:{digest.hexdigest()}", size


async def _checked(path: Path, expected: str) -> AsyncGenerator[bytes]:
    """Yield a file's content; raise before the end if it is not what it was when its digest was taken."""
    digest = hashlib.sha256()
    async for piece in _pieces(path):
        await asyncio.to_thread(digest.update, piece)
        yield piece
    if f"sha256:{digest.hexdigest()}" != expected:
        raise UnavailableError(f"{path} was changed while it was read; it is tried again")


async def _pieces(path: Path) -> AsyncGenerator[bytes]:
    file: BinaryIO = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()
