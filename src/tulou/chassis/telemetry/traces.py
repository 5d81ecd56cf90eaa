"""Spans as cheap records: kept in a bounded queue on the request path, encoded and sent away from it.

The header `traceparent` is that of the W3C recommendation Trace Context, level 1.
"""

import asyncio
import random
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import structlog

log = structlog.get_logger()
QUEUE_SPANS = 8192
BATCH_SPANS = 512
EXPORT_EVERY_S = 1.0
_TRACEPARENT = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
SpanKind = Literal["server", "client", "internal"]
Attribute = str | bool | int | float


class Trace(NamedTuple):
    """A place in a trace: numbers as in the header, `parent_id` 0 for the first span of a trace."""

    trace_id: int
    span_id: int
    parent_id: int
    sampled: bool

    def child(self) -> "Trace":
        """Return the place of a span below this one."""
        return Trace(self.trace_id, _new_id(64), self.span_id, self.sampled)

    def header(self) -> str:
        """Return the `traceparent` that tells the next process."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{int(self.sampled):02x}"


class SpanRecord(NamedTuple):
    """One finished span; times in Unix nanoseconds, `error` is the class of what went wrong or empty."""

    name: str
    place: Trace
    kind: SpanKind
    start_ns: int
    end_ns: int
    error: str
    attributes: Mapping[str, Attribute]


Export = Callable[[Sequence[SpanRecord]], bool]
"""Sends a batch, blocking, and says whether it arrived; called in a thread."""


def parse_traceparent(header: str) -> Trace | None:
    """Return the caller's place in its trace, or None for a header that is missing or malformed."""
    match = _TRACEPARENT.fullmatch(header.strip())
    if match is None or (match["version"] == "00" and match["more"]):
        return None
    trace_id, span_id = int(match["trace"], 16), int(match["span"], 16)
    return Trace(trace_id, span_id, 0, bool(int(match["flags"], 16) & 1)) if trace_id and span_id else None


class Tracing:
    """Takes spans without waiting. Without `export` it is off: nothing is kept, headers still pass through."""

    def __init__(self, export: Export | None = None, *, sample: float = 1.0, capacity: int = QUEUE_SPANS) -> None:
        self.enabled = export is not None
        self.lost = 0
        self._export = export
        self._sample = sample
        self._spans: deque[SpanRecord] = deque(maxlen=capacity)

    def begin(self, traceparent: str = "") -> Trace:
        """Return the place of the span that serves a request; the caller's decision to sample is kept."""
        caller = parse_traceparent(traceparent) if traceparent else None
        if caller is not None:
            return caller.child()
        sampled = self.enabled and (self._sample >= 1 or random.random() < self._sample)  # noqa: S311 - no secret
        return Trace(_new_id(128), _new_id(64), 0, sampled)

    def record(self, span: SpanRecord) -> None:
        """Keep a finished span until it is exported; the oldest goes when there is no room."""
        if not self.enabled or not span.place.sampled:
            return
        if len(self._spans) == self._spans.maxlen:
            self.lost += 1
        self._spans.append(span)

    async def export_forever(self, *, every_s: float = EXPORT_EVERY_S) -> None:
        """Send what has gathered, again and again until cancelled; a batch that does not arrive is given up."""
        while self.enabled:
            await asyncio.sleep(every_s)
            await self.flush()

    async def flush(self) -> None:
        """Send all that is kept now."""
        for _ in range(-(-len(self._spans) // BATCH_SPANS)):
            batch = [self._spans.popleft() for _ in range(min(BATCH_SPANS, len(self._spans)))]
            if self._export is not None and not await asyncio.to_thread(self._export, batch):
                self.lost += len(batch)
                log.warning("spans_lost", spans=len(batch))
                return


def _new_id(bits: int) -> int:
    return random.getrandbits(bits) or 1  # zero means "none" on the wire
