"""Removes logs of processes that are long gone, so that a house that runs for a year does not fill its disk."""

import asyncio
import contextlib
import time
from pathlib import Path

import structlog

from tulou.services.observability.settings import ObservabilitySettings

log = structlog.get_logger()
IDLE_S = 600.0
"""A file that was written to more recently may still be open, and is left alone whatever the caps say."""


def sweep(directory: Path, *, now: float, keep_s: float, max_bytes: int) -> list[Path]:
    """Remove log files that are older than `keep_s`, then the oldest while all hold more than `max_bytes`."""
    aged = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in directory.glob("*.log*"))
    total, removed = sum(size for _, size, _ in aged), list[Path]()
    for written, size, path in aged:
        idle = now - written
        if idle <= IDLE_S or (idle <= keep_s and total <= max_bytes):
            continue
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        total -= size
        removed.append(path)
    return removed


async def sweep_forever(directory: Path, settings: ObservabilitySettings) -> None:
    """Sweep now and then until cancelled; ages are told by the machine's time, which is what files are stamped with."""
    while True:
        try:
            removed = await asyncio.to_thread(
                sweep, directory, now=time.time(), keep_s=settings.log_keep_s, max_bytes=settings.log_max_bytes
            )
            if removed:
                log.info("old_logs_removed", files=len(removed))
        except OSError as error:
            log.warning("logs_not_swept", error=str(error))
        await asyncio.sleep(settings.log_sweep_s)
