"""One log line a request, encoded and written in batches away from the request."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

log = structlog.get_logger()

QUEUE = 20_000
EVERY_S = 0.25
EVENT = "request_answered"

_ENCODER = msgspec.json.Encoder()


class Line(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What is logged of a request: never its content, never its key's secret; `cost` is in millionths."""

    ts: datetime
    request_id: str
    tenant: str
    project: str = ""
    key: str
    endpoint: str
    model: str
    served_by: str
    replica: str
    status: int
    code: str
    stream: bool
    took_ms: float
    first_token_ms: float | None = None
    overhead_ms: float
    input_tokens: int | None = None
    output_tokens: int | None = None
    counted: str = ""
    cost: int = 0
    dropped: tuple[str, ...] = ()
    batch: bool = False
    attempts: int


class Sink(Protocol):
    """Where lines go."""

    def write(self, content: bytes) -> None:
        """Append whole lines; raise `OSError` when the disk does not take them."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


class AccessLog:
    """Takes lines without waiting; what does not fit is counted and dropped."""

    def __init__(self, sink: Sink, *, process: str, lost: Callable[[], None], queue: int = QUEUE) -> None:
        self._sink = sink
        self._process = process
        self._lost = lost
        self._lines: deque[Line] = deque()
        self._queue = queue
        self._failing = False

    def add(self, line: Line) -> None:
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
        encode = _ENCODER.encode
        batch = [self._lines.popleft() for _ in range(len(self._lines))]
        if not batch:
            return
        head = msgspec.json.encode({"event": EVENT, "level": "info", "process": self._process})[:-1] + b","
        try:
            self._sink.write(b"".join(head + encode(line)[1:] + b"\n" for line in batch))
            self._failing = False
        except OSError as error:
            for _ in batch:
                self._lost()
            if not self._failing:
                self._failing = True
                log.warning("access_log_failed", error=str(error))
