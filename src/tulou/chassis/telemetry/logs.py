"""Logs are events: one JSON line each in the house's log folder, and short lines for a person at a terminal.

A hot path binds its logger once (`structlog.get_logger().bind()` after `open_logs`): that saves a third of the cost.
Libraries that use the standard `logging` (asyncio, SQLAlchemy) are routed through the same processors.
"""

import atexit
import logging
import sys
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import structlog

from tulou.chassis.telemetry.redaction import encode_clean
from tulou.chassis.telemetry.writer import LogWriter, TurningFile
from tulou.kernel.context import CONTEXT

Event = MutableMapping[str, Any]
QUIET = {
    "sqlalchemy": logging.WARNING,
    "asyncio": logging.WARNING,
    "httpx2": logging.WARNING,
}
"""Libraries that say too much."""
_FIRST = ("ts", "level", "event", "process")
_TRACE_ID = slice(3, 35)  # 00-<32 characters of trace id>-<16 of span id>-<2 of flags>


class Logs:
    """The open log of this process; `close` writes what is queued and restores Python's own behaviour."""

    def __init__(self, writer: LogWriter, process: str, *, human: bool) -> None:
        self._writer = writer
        self._process = process
        self._human = human
        self._handler = _Bridge(self)

    def attach(self, level: int) -> None:
        """Become what structlog and `logging` write to."""
        structlog.configure(
            processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, self.take],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=_nothing,
            cache_logger_on_first_use=False,
        )
        logging.basicConfig(level=level, handlers=[self._handler], force=True)
        logging.captureWarnings(capture=True)
        for name, quiet_level in QUIET.items():
            logging.getLogger(name).setLevel(max(level, quiet_level))

    def take(self, _logger: object, _method: str, event: Event) -> Event:
        """Complete an event, clean it and hand it to the writer; the last of structlog's processors."""
        context = CONTEXT.get()
        event["ts"] = _now()
        event["process"] = self._process
        if context.request_id:
            event.setdefault("request_id", context.request_id)
        if context.traceparent:
            event.setdefault("trace_id", context.traceparent[_TRACE_ID])
        ordered = {name: event[name] for name in _FIRST if name in event} | dict(event)
        line = encode_clean(ordered)
        self._writer.put(line, _human(ordered) if self._human else "")
        raise structlog.DropEvent

    def close(self) -> None:
        """Write what is queued; closing twice is no error."""
        logging.getLogger().removeHandler(self._handler)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
        atexit.unregister(self.close)
        self._writer.close()


def open_logs(directory: Path, *, process: str, level: str = "info", console: TextIO | None = sys.stderr) -> Logs:
    """Send all logs of this process to `<directory>/<process>.log`, and to the console if a person is looking."""
    human = console is not None and console.isatty()
    writer = LogWriter(TurningFile(directory / f"{process}.log"), console if human else None)
    logs = Logs(writer, process, human=human)
    logs.attach(logging.getLevelNamesMapping()[level.upper()])
    atexit.register(logs.close)
    return logs


class _Bridge(logging.Handler):
    """Turns a record of the standard library into an event."""

    def __init__(self, logs: Logs) -> None:
        super().__init__()
        self._logs = logs

    def emit(self, record: logging.LogRecord) -> None:
        event: Event = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info and record.exc_info[0]:
            event["exc_info"] = record.exc_info
            event = structlog.processors.format_exc_info(None, "", event)
        try:
            self._logs.take(None, record.levelname.lower(), event)
        except structlog.DropEvent:
            return


def _now() -> str:
    """Return the time in ISO 8601, UTC; the part up to the second is made once a second."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _nothing(*_args: object) -> None:
    """Make the logger behind structlog's: there is none, the last processor has done the work."""


def _human(event: Event) -> str:
    rest = " ".join(f"{name}={value}" for name, value in event.items() if name not in (*_FIRST, "exception"))
    clock = time.strftime("%H:%M:%S")
    line = f"{clock} {event.get('level', ''):<8}{event.get('event', '')} {rest}".rstrip()
    return f"{line}\n{event['exception']}" if "exception" in event else line
