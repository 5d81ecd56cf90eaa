"""What lies on disk for one worker, so that a launcher of a later life finds it again."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tulou.kernel.message import message
from tulou.ports.launcher import WorkerSpec

LOG_MOST = 8 << 20
"""The size a log may reach, in bytes; then its older half goes."""
TAIL = 4096


@message
class WorkerRecord:
    """Which process a worker is."""

    replica: str
    deployment: str
    pid: int
    birth: str
    started_at: float


@dataclass(frozen=True, slots=True)
class WorkerFolder:
    """`spec.json` (it holds tokens: only this user may read it), `worker.json`, and the log, which lies elsewhere."""

    path: Path
    log: Path

    @property
    def spec(self) -> Path:
        """The file that the worker is started with."""
        return self.path / "spec.json"

    def make(self, spec: WorkerSpec) -> None:
        """Write the spec."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.spec.unlink(missing_ok=True)
        fd = os.open(self.spec, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(msgspec.json.encode(spec))

    def keep(self, record: WorkerRecord) -> None:
        """Write which process it is, all or nothing."""
        fresh = self.path / "worker.new"
        fresh.write_bytes(msgspec.json.encode(record))
        fresh.replace(self.path / "worker.json")

    def record(self) -> WorkerRecord | None:
        """Return which process it is, or None when that was never written."""
        try:
            return msgspec.json.decode((self.path / "worker.json").read_bytes(), type=WorkerRecord)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def read_spec(self) -> WorkerSpec | None:
        """Return what the worker was started with, or None when that was never finished."""
        try:
            return msgspec.json.decode(self.spec.read_bytes(), type=WorkerSpec)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def tail(self) -> str:
        """Return the last lines of the log."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
                return file.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def trim_log(self) -> None:
        """Keep the newer half of a log that grew too long; the worker appends, so it goes on after what is kept."""
        if not self.log.exists() or self.log.stat().st_size <= LOG_MOST:
            return
        with self.log.open("r+b") as file:
            file.seek(-LOG_MOST // 2, os.SEEK_END)
            kept = file.read()
            file.seek(0)
            file.truncate()
            file.write(kept[kept.find(b"\n") + 1 :])

    def remove(self) -> None:
        """Forget the worker, its log too."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.log.unlink(missing_ok=True)


def folders(directory: Path, logs: Path) -> Iterator[WorkerFolder]:
    """Yield what there is for each worker."""
    if directory.is_dir():
        for path in sorted(directory.iterdir()):
            yield folder_of(directory, logs, path.name)


def folder_of(directory: Path, logs: Path, replica: str) -> WorkerFolder:
    """Return where the files of a worker are, or would be."""
    return WorkerFolder(path=directory / replica, log=logs / f"worker-{replica}.log")
