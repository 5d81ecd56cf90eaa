"""Writes entries to this host's disk, one system call each, while the answer they belong to is still on its way."""

import asyncio
from collections import deque
from pathlib import Path

import structlog

from tulou.services.gateway.ledger import segments
from tulou.services.gateway.ledger.counters import LedgerCounters
from tulou.services.gateway.ledger.lines import line_of
from tulou.services.gateway.ledger.segments import Segment
from tulou.services.gateway.ledger.settings import LedgerSettings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

LEAST_SYNC_S = 0.005
PRESSING = 4
"""Batches that may wait before they are shipped early: each shipment costs the gate some turns to other threads."""


class LedgerWriter:
    """What `write` said yes to survives the death of the process at once, a loss of power after `sync_s`.

    To be called from one thread, the event loop's.
    """

    def __init__(self, folder: Path, *, process: str, counters: LedgerCounters, settings: LedgerSettings) -> None:
        self.spool_bytes = 0
        self.pressed = asyncio.Event()
        """Set when there is much to ship."""
        self._folder = folder
        self._process = process
        self._counters = counters
        self._settings = settings
        self._segment: Segment | None = None
        self._finished: list[Segment] = []
        self._held: deque[bytes] = deque()
        self._held_bytes = 0
        self._unshipped = 0

    @property
    def current(self) -> Segment | None:
        """The segment that is being written, which nobody but this process's shipper may read."""
        return self._segment

    def write(self, entry: bytes) -> bool:
        """Add an entry's JSON; say whether the disk has it. Else it waits in memory for it, as far as there is room."""
        line = line_of(entry)
        if self._held or not self._append(line):
            self._hold(line)
            return False
        return True

    async def sync_forever(self) -> None:
        """Bring what was written to the disk itself, and to the disk what it did not take before; until cancelled."""
        while True:
            await asyncio.sleep(max(self._settings.sync_s, LEAST_SYNC_S))
            await self.sync()

    async def sync(self) -> None:
        """Do that once."""
        finished, self._finished = self._finished, []
        for segment in finished:
            await self._synced(segment)
            segment.close()
        if self._segment is not None:
            await self._synced(self._segment)
            self._look_after(self._segment)
        self._release()

    def close(self) -> None:
        """Sync and let go of all segments; what the disk still does not take is lost now, and counted."""
        self._release()
        for segment in (*self._finished, *([self._segment] if self._segment else ())):
            _sync(segment)
            segment.close()
        self._finished, self._segment = [], None
        self._lose(len(self._held))
        self._held.clear()
        self._held_bytes = 0

    def _append(self, line: bytes) -> bool:
        try:
            segment = self._segment
            if segment is None or not segment.whole or segment.size + len(line) > self._settings.segment_bytes:
                segment = self._turn()
            if self.spool_bytes + len(line) > self._settings.spool_bytes:
                return self._refused("the spool is full; is metering away? ([gateway] ledger_spool_bytes)")
            segment.append(line)
        except OSError as error:
            return self._refused(str(error))
        self.spool_bytes += len(line)
        self._counters.written.inc()
        self._unshipped += 1
        if self._unshipped >= PRESSING * self._settings.batch:
            self._unshipped = 0
            self.pressed.set()
        return True

    def _turn(self) -> Segment:
        """Begin the next segment; the last one is synced and let go of by `sync`, not while a request waits."""
        segment = segments.begin(self._folder, self._process)
        if self._segment is not None:
            self._finished.append(self._segment)
        self._segment = segment
        return segment

    def _refused(self, why: str) -> bool:
        if not self._held:
            log.warning("ledger_held_in_memory", folder=str(self._folder), error=why)
        return False

    def _hold(self, line: bytes) -> None:
        if self._held_bytes + len(line) > self._settings.held_bytes:
            self._lose(1)
            return
        self._held.append(line)
        self._held_bytes += len(line)
        self._counters.held.set(len(self._held))

    def _release(self) -> None:
        """Write what is held, the oldest first, as far as the disk takes it."""
        if not self._held:
            return
        while self._held and self._append(self._held[0]):
            self._held_bytes -= len(self._held.popleft())
        self._counters.held.set(len(self._held))
        if not self._held:
            log.info("ledger_written_again", folder=str(self._folder))

    def _lose(self, count: int) -> None:
        if count:
            self._counters.lost.inc(count)
            log.error("ledger_entries_lost", count=count, folder=str(self._folder))

    async def _synced(self, segment: Segment) -> None:
        if segment.dirty:
            await asyncio.to_thread(_sync, segment)

    def _look_after(self, segment: Segment) -> None:
        """Turn to another segment when somebody has deleted this one."""
        if segment is self._segment and not segment.exists():
            log.error("ledger_segment_vanished", path=str(segment.path), size=segment.size)
            segment.close()
            self._segment = None


def _sync(segment: Segment) -> None:
    try:
        segment.sync()
    except OSError as error:
        log.warning("ledger_not_synced", path=str(segment.path), error=str(error))
