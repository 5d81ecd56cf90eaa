"""Bring a model's files into the blob store, under the digest of their content."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from tulou.contracts.registry.messages import ArtifactFile
from tulou.ports.blobs import Blobs

PLACE = "models/sha256"
"""The registry keeps its files here too, so that the same content lies there once."""


async def store_files(files: Sequence[tuple[str, Path]], blobs: Blobs) -> tuple[ArtifactFile, ...]:
    """Store local files and return what a publication must say of them; a file that is there is not stored again."""
    return tuple([await _store(name, path, blobs) for name, path in files])


async def _store(name: str, path: Path, blobs: Blobs) -> ArtifactFile:
    digest, size = await asyncio.to_thread(_digest, path)
    blob = f"{PLACE}/{digest}"
    known = await blobs.find(blob)
    if known is None or known.size != size:
        await blobs.put_file(blob, path)
    return ArtifactFile(name=name, digest=f"sha256:{digest}", size=size, blob=blob)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
