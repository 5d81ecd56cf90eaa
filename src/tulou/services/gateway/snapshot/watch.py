"""Keeps the plan up to date with the control plane, and the disk with the plan."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import cast

import structlog

from tulou.chassis.collector import undisturbed
from tulou.contracts.routing.api import Routing
from tulou.contracts.routing.messages import WHOLE, Update, WatchSnapshot
from tulou.kernel.errors import TulouError
from tulou.rules.routing.pieces import joined
from tulou.services.gateway.snapshot.disk import SnapshotFile
from tulou.services.gateway.snapshot.grace import ReplicaGrace
from tulou.services.gateway.snapshot.live import LiveSnapshot
from tulou.services.gateway.snapshot.mirror import EMPTY, SnapshotMirror

log = structlog.get_logger()

BACKOFF_S = 0.1
BACKOFF_MAX_S = 2.0
UNSAVED = 1000
"""Updates that wait for a slow disk; when there are more, all of the snapshot is written instead."""
LARGE = 500
"""Grants and limits in an update from which on it is taken in by a thread."""


class SnapshotWatcher:
    """Follows `Routing.watch`, and comes back whenever the line breaks."""

    def __init__(
        self, routing: Routing, live: LiveSnapshot, file: SnapshotFile, grace: ReplicaGrace, *, gateway: str
    ) -> None:
        self._routing = routing
        self._live = live
        self._file = file
        self._grace = grace
        self._gateway = gateway
        self._told: SnapshotMirror | None = None
        self._unsaved: list[Update | None] = []
        self._news = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None

    def load(self) -> None:
        """Start from what was kept on disk, if anything was."""
        self._told = self._file.read()
        if self._told is not None:
            self._live.apply(self._told)

    async def follow(self) -> None:
        """Apply every update that comes, until cancelled; ask for the whole at once if one does not lead there."""
        pause = BACKOFF_S
        ask = self._known()
        while True:
            try:
                async for update in self._line(ask):
                    pause = BACKOFF_S
                    if not await self._take(update):
                        log.warning("snapshot_drifted", revision=update.revision)
                        ask, pause = WatchSnapshot(gateway=self._gateway), 0.0
                        break
                    ask = self._known()
                else:
                    log.info("snapshot_line_ended")
            except TulouError as error:
                if self._live.connected:
                    log.warning("control_unreachable", error=str(error))
            self._live.connected = False
            await asyncio.sleep(pause)
            pause = min(max(pause, BACKOFF_S / 2) * 2, BACKOFF_MAX_S)

    async def save(self) -> None:
        """Write what is new to disk whenever there is something, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            updates, self._unsaved = self._unsaved, []
            if self._live.mirror is not None:
                await asyncio.to_thread(self._file.keep, self._live.mirror, updates)

    async def _line(self, ask: WatchSnapshot) -> AsyncGenerator[Update]:
        self._grace.line_opened()
        async with aclosing(cast("AsyncGenerator[Update]", self._routing.watch(ask))) as updates:
            async for update in joined(updates):
                yield update

    def _known(self) -> WatchSnapshot:
        """Say what control need not tell again."""
        if self._told is None:
            return WatchSnapshot(gateway=self._gateway)
        revision, digest = self._told.standing.revision, self._told.digest
        return WatchSnapshot(gateway=self._gateway, applied=revision, digest=digest)

    async def _take(self, update: Update) -> bool:
        """Put in force what an update says; return whether that is what control has now.

        It is put in force even if it is not: a key that was revoked ends at once, whatever else was lost.
        """
        self._live.connected = True
        if self._later is not None:
            self._later.cancel()
        told, in_step = await _heard(self._told or EMPTY, update)
        self._told = told
        patient = self._grace.keep_known(told.standing, self._live.mirror.standing if self._live.mirror else None)
        if patient is told.standing:
            self._apply(told, None if update.since == WHOLE else update)
        else:
            self._apply(replace(told, standing=patient), None)
            self._later = asyncio.get_running_loop().call_later(self._grace.left_s, self._apply, told, None)
        return in_step

    def _apply(self, mirror: SnapshotMirror, update: Update | None) -> None:
        """Put in force, and keep the update; or all of it, if there is none that leads from what is kept to this."""
        applied = self._live.apply(mirror)
        if not applied or update is None or len(self._unsaved) >= UNSAVED:
            self._unsaved = [None]
        else:
            self._unsaved.append(update)
        if applied:
            self._news.set()


async def _heard(known: SnapshotMirror, update: Update) -> tuple[SnapshotMirror, bool]:
    """Return what an update makes of what was known; a large one is taken in while requests go on."""
    if len(update.grants) + len(update.limits) < LARGE:
        return known.heard(update)
    with undisturbed():
        return await asyncio.to_thread(known.heard, update)
