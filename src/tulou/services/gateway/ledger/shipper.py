"""Ships the segments of the house on this host to metering: its process's own, and those whose writers are gone."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import IngestEntries, Unread
from tulou.kernel.errors import InvalidError, TooLargeError, TulouError
from tulou.services.gateway.ledger import lines, segments
from tulou.services.gateway.ledger.counters import LedgerCounters
from tulou.services.gateway.ledger.quarantine import ASIDE, QuarantineFile
from tulou.services.gateway.ledger.settings import LedgerSettings
from tulou.services.gateway.ledger.writer import LedgerWriter

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

INGEST_S = 30.0
"""How long metering may take for a batch before it counts as away."""

FIRST_PAUSE_S = 0.25
READ_BYTES = 1024 * 1024
"""What is read of a segment at once; a batch of 500 takes about 350 KiB. No line is as long."""

AT_ONCE = 100
"""Lines that are looked at before others get a turn: about 0.1 ms."""

TOLD_BYTES = 64
"""How much of an entry is logged: it begins with its id."""


class Shipper:
    """Every entry reaches metering at least once; metering counts it once."""

    def __init__(
        self,
        folder: Path,
        metering: Metering,
        writer: LedgerWriter,
        *,
        gateway: str,
        counters: LedgerCounters,
        settings: LedgerSettings,
    ) -> None:
        self._folder = folder
        self._metering = metering
        self._writer = writer
        self._gateway = gateway
        self._counters = counters
        self._settings = settings
        self._aside = QuarantineFile(folder)
        self._failures = 0
        self._unmarked: dict[Path, int] = {}
        """Up to where segments are shipped whose marks the disk did not take."""

    async def run(self) -> None:
        """Ship until cancelled; outlives failures of metering and of the disk."""
        await self._aside.take_up(self._writer)
        while True:
            try:
                await self.ship()
                self._failures = 0
            except (TulouError, TimeoutError, OSError) as error:
                self._failed(error)
            except Exception:  # a bug must not keep the ledger at home for ever
                log.exception("ledger_shipping_broke")
                self._failures += 1
            await self._measure()
            await self._rest()

    async def ship(self) -> None:
        """Ship all that is there now; raise what metering or the disk raises. What is done stays done."""
        self._writer.pressed.clear()
        for path in await asyncio.to_thread(segments.segments, self._folder):
            current = self._writer.current
            if current is not None and current.path == path:
                await self._ship(path, current.size)
            else:
                await self._ship_finished(path)

    async def _measure(self) -> None:
        """Tell the writer what all have written; above all while nothing can be shipped, or the cap would not hold."""
        with suppress(OSError):
            self._writer.spool_bytes = await asyncio.to_thread(segments.size, self._folder)
            self._counters.spool.set(self._writer.spool_bytes)

    async def _ship_finished(self, path: Path) -> None:
        with segments.claimed(path) as size:
            if size is None:
                return
            if await self._ship(path, size) < size:  # its writer died in the middle of a line
                self._counters.torn.inc()
                log.warning("ledger_line_torn", path=str(path))
            segments.remove(path)
            self._unmarked.pop(path, None)

    async def _ship(self, path: Path, size: int) -> int:
        """Ship a segment up to `size`, batch by batch; return where its last whole line ends."""
        offset = max(segments.shipped(path), self._unmarked.get(path, 0))
        while offset < size:
            data = await asyncio.to_thread(_read, path, offset, min(size - offset, READ_BYTES))
            entries, end = await self._split(data, offset)
            if end == offset:
                if len(data) < READ_BYTES:
                    break
                end = offset + len(data)  # no line is as long: a torn place, to be skipped
                self._counters.torn.inc()
            if entries:
                await self._deliver(entries)
            self._mark(path, end)
            offset = end
        return offset

    def _mark(self, path: Path, offset: int) -> None:
        """Keep the place; a disk that is full must not keep us from shipping, which is what makes room on it."""
        try:
            segments.mark(path, offset)
        except OSError as error:
            if path not in self._unmarked:
                log.warning("ledger_mark_not_written", path=str(path), error=str(error))
            self._unmarked[path] = offset
        else:
            self._unmarked.pop(path, None)

    async def _split(self, data: bytes, offset: int) -> tuple[list[bytes], int]:
        entries: list[bytes] = []
        for number, line in enumerate(lines.read(data, offset)):
            if line.entry is None:
                self._counters.torn.inc()
                log.warning("ledger_line_torn", at=offset)
            else:
                entries.append(line.entry)
            offset = line.end
            if len(entries) >= self._settings.batch:
                break
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        return entries, offset

    async def _deliver(self, entries: Sequence[bytes]) -> None:
        """Have a batch ingested; one that is refused is cut until the entry is found that cannot be sent as it is."""
        try:
            await self._ingest(IngestEntries(gateway=self._gateway, entries=tuple(map(msgspec.Raw, entries))))
        except (InvalidError, TooLargeError) as error:
            half = len(entries) // 2
            if not half:
                await self._deliver_unread(entries[0], str(error))
                return
            await self._deliver(entries[:half])
            await self._deliver(entries[half:])
            return
        self._counters.shipped.inc(len(entries))

    async def _deliver_unread(self, entry: bytes, why: str) -> None:
        """Have an entry set aside as a text, where people look for such; keep it here if that is refused as well."""
        unread = Unread(body=entry.decode("utf-8", "backslashreplace"), reason=f"it could not be sent: {why}")
        try:
            await self._ingest(IngestEntries(gateway=self._gateway, unread=(unread,)))
        except (InvalidError, TooLargeError) as error:
            await asyncio.to_thread(self._set_aside, entry, str(error))
            return
        self._counters.shipped.inc()

    async def _ingest(self, request: IngestEntries) -> None:
        async with asyncio.timeout(INGEST_S):
            await self._metering.ingest(request)

    def _set_aside(self, entry: bytes, why: str) -> None:
        self._counters.refused.inc()
        told = entry[:TOLD_BYTES].decode("ascii", "replace")
        if self._aside.put(entry):
            log.error("ledger_entry_refused", entry=told, error=why)
        else:
            self._counters.lost.inc()
            log.error("ledger_entry_lost", entry=told, error=why, full=ASIDE)

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        if self._failures == 1:
            log.warning("ledger_not_shipped", error=str(error) or type(error).__name__)

    async def _rest(self) -> None:
        if self._failures:
            pause = min(self._settings.backoff_s, FIRST_PAUSE_S * 2.0 ** min(self._failures, 20))
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - only so that gateways do not march in step
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.every_s):
                await self._writer.pressed.wait()


def _read(path: Path, offset: int, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(count)
