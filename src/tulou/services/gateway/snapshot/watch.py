"""Keeps the plan up to date with the control plane, and the disk with the plan."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import structlog

from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import Snapshot, WatchSnapshot
from tulou.kernel.errors import TulouError
from tulou.services.gateway.snapshot.disk import SnapshotFile
from tulou.services.gateway.snapshot.grace import Grace
from tulou.services.gateway.snapshot.live import Live

log = structlog.get_logger()

BACKOFF_S = 0.1
BACKOFF_MAX_S = 2.0


class Watcher:
    """Follows `Routing.watch`, and comes back whenever the line breaks."""

    def __init__(self, routing: Routing, live: Live, file: SnapshotFile, grace: Grace, *, gateway: str) -> None:
        self._routing = routing
        self._live = live
        self._file = file
        self._grace = grace
        self._gateway = gateway
        self._unsaved: Snapshot | None = None
        self._news = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None

    def load(self) -> None:
        """Start from what was kept on disk, if anything was."""
        snapshot = self._file.read()
        if snapshot is not None:
            self._live.apply(snapshot)

    async def follow(self) -> None:
        """Apply every snapshot that comes, until cancelled."""
        pause = BACKOFF_S
        while True:
            try:
                async for snapshot in self._line():
                    pause = BACKOFF_S
                    self._take(snapshot)
                log.info("snapshot_line_ended")
            except TulouError as error:
                if self._live.connected:
                    log.warning("control_unreachable", error=str(error))
            self._live.connected = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACKOFF_MAX_S)

    async def save(self) -> None:
        """Write the newest snapshot to disk whenever there is one, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            snapshot, self._unsaved = self._unsaved, None
            if snapshot is not None:
                await asyncio.to_thread(self._file.write, snapshot)

    async def _line(self) -> AsyncGenerator[Snapshot]:
        applied = self._live.plan.revision if self._live.plan else -1
        self._grace.line_opened()
        watched = self._routing.watch(WatchSnapshot(gateway=self._gateway, applied=applied))
        async with aclosing(cast("AsyncGenerator[Snapshot]", watched)) as snapshots:
            async for snapshot in snapshots:
                yield snapshot

    def _take(self, snapshot: Snapshot) -> None:
        self._live.connected = True
        if self._later is not None:
            self._later.cancel()
        patient = self._grace.keep_known(snapshot, self._live.snapshot)
        if patient is not snapshot:
            self._later = asyncio.get_running_loop().call_later(self._grace.left_s, self._apply, snapshot)
        self._apply(patient)

    def _apply(self, snapshot: Snapshot) -> None:
        if self._live.apply(snapshot):
            self._unsaved = snapshot
            self._news.set()
