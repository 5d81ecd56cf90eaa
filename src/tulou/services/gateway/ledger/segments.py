"""The files of the ledger: `<process>-<n>.log`, each locked by the process that writes it for as long as it does.

The kernel lets go of a lock when its process dies, however it dies. So a segment whose lock can be had is finished: its
writer has turned to another one or is gone, and whoever gets the lock may ship and delete it.
"""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

SUFFIX = ".log"
MARK = ".at"
TRIES = 100


class Segment:
    """A segment that this process has locked; `size` is how much of it is good, `whole` whether that is all of it."""

    def __init__(self, path: Path, descriptor: int, size: int) -> None:
        self.path = path
        self.size = size
        self.dirty = True
        self.whole = True
        self._descriptor = descriptor
        self._new = True

    def append(self, line: bytes) -> None:
        """Add a line whole, or raise `OSError` and leave the file as it was."""
        try:
            written = os.write(self._descriptor, line)
        except OSError:
            self._mend()
            raise
        if written < len(line):
            self._mend()
            raise OSError(f"the disk took {written} of {len(line)} bytes")
        self.size += written
        self.dirty = True

    def sync(self) -> None:
        """Wait until the disk itself has what was appended; of a new file, its name too."""
        self.dirty = False
        os.fdatasync(self._descriptor)
        if self._new:
            _sync_folder(self.path.parent)
            self._new = False

    def exists(self) -> bool:
        """Say whether the file still has a name; without one, what is written to it can never be shipped."""
        return os.fstat(self._descriptor).st_nlink > 0

    def close(self) -> None:
        """Let go: from now on anybody may ship it."""
        os.close(self._descriptor)

    def _mend(self) -> None:
        self.whole = False
        os.ftruncate(self._descriptor, self.size)
        self.whole = True


def begin(folder: Path, process: str) -> Segment:
    """Make a segment of a name that was never used; raise `OSError` when the disk refuses."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = time.time_ns() // 1_000
    for name in range(number, number + TRIES):
        path = folder / f"{process}-{name}{SUFFIX}"
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            # Between the two calls a neighbour may have taken the empty file for an abandoned one, and deleted it.
            if _lock(descriptor):
                return Segment(path, descriptor, 0)
            os.close(descriptor)
    raise OSError(f"no free name for a segment in {folder}")


@contextmanager
def claimed(path: Path) -> Generator[int | None]:
    """Hold a finished segment, as long as the block runs, and say how long it is; None if it is not ours to have."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield os.fstat(descriptor).st_size if _lock(descriptor) else None
    finally:
        os.close(descriptor)


def segments(folder: Path) -> list[Path]:
    """Return all segments, the oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: (_number(path), path.name))


def size(folder: Path) -> int:
    """Return how many bytes all segments have."""
    total = 0
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def remove(path: Path) -> None:
    """Delete a segment that is shipped; its mark goes first, so that a mark never outlives what it marks."""
    path.with_suffix(MARK).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def shipped(path: Path) -> int:
    """Return up to where a segment is shipped. A mark that cannot be read means: from the beginning, once more."""
    try:
        return int(path.with_suffix(MARK).read_bytes())
    except (FileNotFoundError, ValueError):
        return 0


def mark(path: Path, offset: int) -> None:
    """Keep up to where a segment is shipped. Not synced: what is shipped twice is counted once."""
    descriptor = os.open(path.with_suffix(MARK), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(descriptor, b"%020d\n" % offset, 0)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file, unless another has it or it was deleted meanwhile; say whether it is locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(descriptor).st_nlink > 0


def _number(path: Path) -> int:
    number = path.stem.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
