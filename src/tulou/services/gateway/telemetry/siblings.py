"""Metrics of all gateways of a host: each writes its own to a file, any of them shows those of all."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry

from tulou.chassis.telemetry.exposition import merge
from tulou.chassis.telemetry.metrics import metrics_text_gently
from tulou.chassis.whole_files import replace_file

EVERY_S = 1.0
FRESH_S = 5.0


class Siblings:
    """`folder` holds one file a process; files of processes that are gone grow old and are passed over."""

    def __init__(self, folder: Path, registry: CollectorRegistry, *, process: str) -> None:
        self._folder = folder
        self._registry = registry
        self._process = process

    async def write_forever(self) -> None:
        """Write this process's metrics every second until cancelled, then take them away."""
        path = self._folder / f"{self._process}.prom"
        try:
            while True:
                text = await metrics_text_gently(self._registry)
                with suppress(OSError):  # /metrics then shows this process alone; the disk is reported by others
                    await asyncio.to_thread(_replace, path, text)
                await asyncio.sleep(EVERY_S)
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    async def text(self) -> str:
        """Return the metrics of this process, and of its siblings where they are fresh."""
        own = await metrics_text_gently(self._registry)
        return await asyncio.to_thread(self._with_others, own)

    def _with_others(self, own: str) -> str:
        return merge({self._process: own, **self._others()})  # 150 ms for four processes of a hundred models each

    def _others(self) -> dict[str, str]:
        fresh_since = time.time() - FRESH_S
        found: dict[str, str] = {}
        for path in sorted(self._folder.glob("*.prom")):
            with suppress(OSError):
                if path.stem != self._process and path.stat().st_mtime >= fresh_since:
                    found[path.stem] = path.read_text("utf-8")
        return found


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text.encode(), sync=False)
