"""Bring an artifact's files to this machine, and never hand out one whose content is not what was signed."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import structlog

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.ports.blobs import Blobs
from tulou.ports.launcher import WorkerFile
from tulou.services.replica.domain import artifact_key, safe_name

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_PIECE = 1 << 20


@message
class FileState:
    """What a file was when its digest was last computed: any write to it changes one of these."""

    inode: int
    changed_ns: int
    size: int
    digest: str


async def bring(files: Sequence[WorkerFile], blobs: Blobs, cache: Path) -> Mapping[str, str]:
    """Return the local path of each file, fetched where missing; raise `InvalidError` naming one that is not sound."""
    folder = cache / artifact_key(files)
    paths: dict[str, str] = {}
    for file in files:
        path = folder / safe_name(file.name)
        await _bring_one(file, path, blobs)
        paths[file.name] = str(path)
    return paths


async def _bring_one(file: WorkerFile, path: Path, blobs: Blobs) -> None:
    found = await asyncio.to_thread(_digest, path)
    if found == file.digest:
        return
    if found:
        log.warning("cached_file_damaged", file=file.name)
    await asyncio.to_thread(_clear, path)
    await blobs.fetch(file.blob, path)
    found = await asyncio.to_thread(_digest, path)
    if found != file.digest:
        await asyncio.to_thread(_clear, path)
        raise InvalidError(
            f"{file.name}: its content is {found}, the signed version says {file.digest}; "
            "the file was changed after it was published: import the model again"
        )


def _digest(path: Path) -> str:
    """Return `sha256:<hex>`, anew unless a mark beside the file shows that it is unchanged; "" if there is no file."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return ""
    mark = path.with_name(f"{path.name}.seen")
    known = _read_mark(mark)
    if known and (known.inode, known.changed_ns, known.size) == (facts.st_ino, facts.st_mtime_ns, facts.st_size):
        return known.digest
    digest = f"sha256:{_sha256(path)}"
    seen = FileState(inode=facts.st_ino, changed_ns=facts.st_mtime_ns, size=facts.st_size, digest=digest)
    mark.write_bytes(msgspec.json.encode(seen))
    return digest


def _clear(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    state = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            state.update(piece)
    return state.hexdigest()


def _read_mark(path: Path) -> FileState | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=FileState)
    except (OSError, msgspec.MsgspecError):
        return None
