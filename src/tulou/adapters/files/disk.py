"""What file blobs do to the disk, step by step; all of it blocks, and runs in threads."""

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tulou.kernel.errors import ConflictError, NotFoundError, TulouError, UnavailableError
from tulou.kernel.ids import new_id
from tulou.ports.blobs import BlobFacts

PIECE = 1024 * 1024
INCOMING = ".incoming"
"""Where files are written first: on the same file system, and hidden from `list`."""
STALE_S = 24 * 3600
LINK_REFUSED = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP)


def sync(file: BinaryIO) -> None:
    """Bring a file to the disk, and forbid changing it: `fetch` gives out links to the same content."""
    file.flush()
    os.fchmod(file.fileno(), 0o440)
    os.fsync(file.fileno())


def copy(source: Path, target: Path) -> int:
    """Copy to a new file and sync it; return its size."""
    with source.open("rb") as reader, target.open("xb") as writer:
        shutil.copyfileobj(reader, writer, PIECE)
        sync(writer)
        return writer.tell()


def link_or_copy(source: Path, target: Path) -> None:
    """Make the target the same file, or an equal one where links are not possible; in one step."""
    beside = target.with_name(f".{new_id('fetch')}")
    try:
        try:
            os.link(source, beside)
        except OSError as error:
            if error.errno not in LINK_REFUSED:
                raise
            copy(source, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)  # a rename onto another link of the same file leaves both


def facts(key: str, path: Path) -> BlobFacts | None:
    """Return key and size of a file that is there."""
    try:
        return BlobFacts(key=key, size=path.stat().st_size) if path.is_file() else None
    except (FileNotFoundError, NotADirectoryError):
        return None


def walk(root: Path, prefix: str) -> Iterator[BlobFacts]:
    """Yield what lies under a prefix, in no order."""
    for folder, folders, files in os.walk(root / prefix[: prefix.rfind("/") + 1]):
        if INCOMING in folders:
            folders.remove(INCOMING)
        for name in files:
            path = Path(folder, name)
            key = path.relative_to(root).as_posix()
            found = facts(key, path) if key.startswith(prefix) else None
            if found:
                yield found


def prepare(root: Path) -> None:
    """Make the folder, and remove what writers left there that were killed more than a day ago."""
    try:
        (root / INCOMING).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(f"the folder of blobs {root}", error) from error
    for path in (root / INCOMING).iterdir():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - STALE_S:
                path.unlink()


def explained(what: str, error: OSError) -> TulouError:
    """Return the error that tells a caller what to do about it."""
    match error.errno:
        case errno.EEXIST:
            return ConflictError(f"{what} exists already; it is kept as it is")
        case errno.ENOENT:
            return NotFoundError(f"no {what} ({error.filename} is not there)")
        case errno.EISDIR | errno.ENOTDIR:
            return ConflictError(f"{what}: a key cannot be a folder of other keys ({error.filename})")
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return UnavailableError(f"{what}: no space left on that disk ({error.strerror}); free some")
        case _:
            return UnavailableError(f"{what}: {error.strerror}; check that disk, and the rights of the folder")
