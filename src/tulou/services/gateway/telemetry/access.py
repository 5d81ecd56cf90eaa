"""One log line a request: its entry in the ledger and what only the log tells, written in batches away from it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import msgspec
import structlog

log = structlog.get_logger()

QUEUE = 20_000
EVERY_S = 0.25
EVENT = "request_answered"


class AccessLine(msgspec.Struct, frozen=True, gc=False):
    """What is logged of a request: never its content, never its key's secret.

    `entry` is the JSON of its entry in the ledger; `at` is in Unix seconds. `overhead_ms` is unknown for streams, whose
    gate waits for an engine all the time; `dropped` are fields of the request that had no effect.
    """

    at: float
    entry: bytes
    overhead_ms: float | None = None
    dropped: tuple[str, ...] = ()


class AccessSink(Protocol):
    """Where lines go."""

    def write(self, content: bytes) -> None:
        """Append whole lines; raise `OSError` when the disk does not take them."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


class AccessLog:
    """Takes lines without waiting; what does not fit is counted and dropped."""

    def __init__(self, sink: AccessSink, *, process: str, lost: Callable[[], None], queue: int = QUEUE) -> None:
        self._sink = sink
        self._process = process
        self._lost = lost
        self._lines: deque[AccessLine] = deque()
        self._queue = queue
        self._failing = False

    def add(self, line: AccessLine) -> None:
        """Hand over the line of a request."""
        if len(self._lines) >= self._queue:
            self._lost()
        else:
            self._lines.append(line)

    async def write_forever(self) -> None:
        """Write what has gathered until cancelled, then once more."""
        writing: asyncio.Future[None] | None = None
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                if self._lines:
                    writing = asyncio.ensure_future(asyncio.to_thread(self.flush))
                    await asyncio.shield(writing)
        finally:
            if writing is not None:
                await asyncio.wait([writing])  # a thread cannot be cancelled, and would open the file again
            self.flush()
            self._sink.close()

    def flush(self) -> None:
        """Write all that has gathered."""
        batch = [self._lines.popleft() for _ in range(len(self._lines))]
        if not batch:
            return
        head = msgspec.json.encode({"event": EVENT, "level": "info", "process": self._process})[:-1]
        try:
            self._sink.write(b"".join(_written(head, line) for line in batch))
            self._failing = False
        except OSError as error:
            for _ in batch:
                self._lost()
            if not self._failing:
                self._failing = True
                log.warning("access_log_failed", error=str(error))


def _written(head: bytes, line: AccessLine) -> bytes:
    """Write a line: the entry's own fields follow ours, as they are."""
    second = int(line.at)
    more = b"" if line.overhead_ms is None else b',"overhead_ms":%.3f' % line.overhead_ms
    if line.dropped:
        more += b',"dropped":%b' % msgspec.json.encode(line.dropped)
    return b'%b,"ts":"%b.%06dZ"%b,%b\n' % (head, _second(second), (line.at - second) * 1e6, more, line.entry[1:])


@lru_cache(maxsize=4)
def _second(at: int) -> bytes:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)).encode("ascii")
