"""Reads log files from their ends, so that the last lines of a large log cost as little as those of a small one."""

import json
from collections.abc import Iterator
from heapq import nlargest
from itertools import islice
from pathlib import Path

import msgspec

from tulou.kernel.message import message

BLOCK_BYTES = 64 * 1024
LINE_CAP = 64 * 1024
SUFFIX = ".log"
MAX_PROCESSES = 200


@message
class LogSearch:
    """How many lines are wanted, of which request (empty: any), and how far to look in each process's files."""

    lines: int
    request_id: str = ""
    scan_bytes: int


class _Stamp(msgspec.Struct):
    ts: str = ""


def processes(directory: Path) -> list[str]:
    """Return the names of the processes that have logs here, at most the `MAX_PROCESSES` that wrote last."""
    logs = [(path.stat().st_mtime, path.name.removesuffix(SUFFIX)) for path in directory.glob(f"*{SUFFIX}")]
    return sorted(name for _, name in nlargest(MAX_PROCESSES, logs))


def last_lines(directory: Path, names: list[str], search: LogSearch) -> list[str]:
    """Return the last lines of these processes' logs as JSON text, merged by time, oldest first."""
    found = [
        (stamp, -number, line)
        for name in names
        for number, (stamp, line) in enumerate(islice(_stamped(directory, name, search), search.lines))
    ]
    return [line for _, _, line in sorted(nlargest(search.lines, found))]


def _stamped(directory: Path, name: str, search: LogSearch) -> Iterator[tuple[str, str]]:
    """Yield a process's lines, the newest first; one without a time of its own has that of the line after it."""
    stamp = "9999"
    for raw in _backwards(_files(directory, name), search.scan_bytes):
        if not raw.strip():
            continue
        text = raw[:LINE_CAP].decode(errors="replace")
        try:
            stamp = msgspec.json.decode(text, type=_Stamp).ts or stamp
        except msgspec.MsgspecError:
            text = json.dumps({"event": text, "process": name}, ensure_ascii=False)
        if not search.request_id or _mentions(text, search.request_id):
            yield stamp, text


def _mentions(text: str, request_id: str) -> bool:
    if request_id not in text:
        return False
    return json.loads(text).get("request_id") == request_id


def _files(directory: Path, name: str) -> Iterator[Path]:
    """Yield the log and then the ones it was turned over to: `<name>.log.1` is newer than `<name>.log.2`."""
    yield directory / f"{name}{SUFFIX}"
    number = 1
    while (path := directory / f"{name}{SUFFIX}.{number}").exists():
        yield path
        number += 1


def _backwards(paths: Iterator[Path], budget: int) -> Iterator[bytes]:
    """Yield whole lines from the end, through at most `budget` bytes."""
    for path in paths:
        if budget <= 0:
            return
        try:
            size = path.stat().st_size
            yield from _lines_of(path, size, max(0, size - budget))
        except FileNotFoundError:  # turned over between listing and reading
            continue
        budget -= size


def _lines_of(path: Path, end: int, stop: int) -> Iterator[bytes]:
    rest = b""
    with path.open("rb") as file:
        while end > stop:
            start = max(stop, end - BLOCK_BYTES)
            file.seek(start)
            first, *lines = (file.read(end - start) + rest).split(b"\n")
            yield from reversed(lines)
            rest, end = first[-LINE_CAP:], start
    if stop == 0:
        yield rest
