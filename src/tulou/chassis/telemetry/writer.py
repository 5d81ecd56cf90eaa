"""Writes log lines to a file that turns over, in a thread of its own, so that a slow disk never holds up a request."""

import contextlib
import queue
import sys
import threading
from io import FileIO
from pathlib import Path
from typing import TextIO

import msgspec

QUEUE_LINES = 10_000
BATCH_LINES = 500
GATHER_S = 0.05
FILE_BYTES = 20 * 1024 * 1024
FILES = 5
CLOSE_TIMEOUT_S = 5.0


class TurningFile:
    """Appends to `path`; when it is full, `path` becomes `path.1`, `path.1` becomes `path.2`, and the oldest goes.

    What a disk refuses is not there, not even in part. The standard library's `RotatingFileHandler` keeps that in
    a buffer and writes it with the next lines, so that nobody knows how many were lost, and takes three times as long.
    """

    def __init__(self, path: Path, *, file_bytes: int = FILE_BYTES, files: int = FILES) -> None:
        self._path = path
        self._file_bytes = file_bytes
        self._files = files
        self._file: FileIO | None = None

    def write(self, content: bytes) -> None:
        """Append whole lines; raise `OSError` when the disk does not take them."""
        file = self._file or self._open()
        if file.tell() and file.tell() + len(content) > self._file_bytes:
            self.close()
            self._turn()
            file = self._open()
        _append(file, content)

    def close(self) -> None:
        """Give the file back; a later write opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> FileIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab", buffering=0)
        return self._file

    def _turn(self) -> None:
        for number in range(self._files - 1, 0, -1):
            source = self._path if number == 1 else self._numbered(number - 1)
            with contextlib.suppress(FileNotFoundError):
                source.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _append(file: FileIO, content: bytes) -> None:
    start, left = file.tell(), memoryview(content)
    try:
        while left:  # a disk that is nearly full takes a part first
            left = left[file.write(left) :]
    except OSError:
        file.truncate(start)
        file.seek(start)
        raise


class LogWriter:
    """Takes lines from any thread without waiting; what does not fit into the queue is counted and said later."""

    def __init__(self, file: TurningFile, console: TextIO | None = None) -> None:
        self._file = file
        self._console = console
        self._lines: queue.SimpleQueue[tuple[bytes, str]] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._lost = 0
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def put(self, line: bytes, human: str) -> None:
        """Hand over one event: its JSON for the file, its words for the console."""
        if self._lines.qsize() < QUEUE_LINES:
            self._lines.put((line, human))
        else:
            self._lost += 1

    def close(self) -> None:
        """Write what is queued, at most `CLOSE_TIMEOUT_S` long, and end the thread."""
        self._closing.set()
        self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        """Write what has gathered, several times a second: waking up for each line would slow down the work itself."""
        while not self._closing.wait(GATHER_S) or self._lines.qsize():
            while batch := self._batch():
                self._write(batch)
        self._file.close()

    def _batch(self) -> list[tuple[bytes, str]]:
        batch: list[tuple[bytes, str]] = []
        with contextlib.suppress(queue.Empty):
            while len(batch) < BATCH_LINES:
                batch.append(self._lines.get_nowait())
        return batch

    def _write(self, batch: list[tuple[bytes, str]]) -> None:
        if self._console is not None:
            with contextlib.suppress(OSError, ValueError):  # a terminal that has gone away is no reason to stop
                self._console.write("".join(f"{human}\n" for _, human in batch))
                self._console.flush()
        lost, content = self._lost, b"".join(line + b"\n" for line, _ in batch)
        try:
            self._file.write(content + _lost_line(lost))
        except OSError as error:
            self._lost += len(batch)
            self._complain(error)
        else:
            self._lost -= lost
            self._failing = False

    def _complain(self, error: OSError) -> None:
        if not self._failing:
            self._failing = True
            sys.stderr.write(f"log lines are being lost: {error}; free some space or mend the folder\n")


def _lost_line(lost: int) -> bytes:
    return msgspec.json.encode({"event": "log_lines_lost", "level": "warning", "lines": lost}) + b"\n" if lost else b""
