"""Takes entries in: each once, whoever ships it how often, and with it what it adds to the sums."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import structlog

from tulou.chassis.outbox import Outbox
from tulou.contracts.metering.events import REQUESTS_REFUSED, RequestsRefused
from tulou.contracts.metering.messages import Entry, Ingested, IngestEntries
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError
from tulou.ports.database import Database, Transaction
from tulou.services.metering.counters import MeteringCounters
from tulou.services.metering.domain.denied import together
from tulou.services.metering.domain.entries import is_denied, is_unpriced, read
from tulou.services.metering.domain.spans import MINUTES_KEPT_S, Grain, begins
from tulou.services.metering.domain.sums import DAY, MINUTE, Dims, RollupRow, Sums, add_up, coarser, dims_of, sums_of
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.store import entries as entry_store
from tulou.services.metering.store import numbers as number_store
from tulou.services.metering.store import quarantine as quarantine_store
from tulou.services.metering.store import sums as sum_store
from tulou.services.metering.store.entries import Key
from tulou.services.metering.store.quarantine import Absurd

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

NUMBERS_CAP = 50_000
"""Numbers of dimensions that are remembered: about 25 MiB at the most."""


class EntryIntake:
    """One transaction a batch: the entries that are new, and their sums, or neither."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        clock: Clock,
        settings: MeteringSettings,
        counters: MeteringCounters,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._counters = counters
        self._numbers: dict[Dims, int] = {}

    async def ingest(self, request: IngestEntries) -> Ingested:
        """Keep what is new; set aside what no ledger can hold."""
        came = len(request.entries) + len(request.unread)
        if came > self._settings.batch:
            most = self._settings.batch
            raise InvalidError(f"{came} entries at once; at most {most} ([metering] batch)")
        began = self._clock.monotonic()
        sound, absurd, bodies = self._sorted_out(request)
        async with self._database.transaction() as tx:
            for key in await quarantine_store.settled_among(tx, bodies):
                del sound[key]  # it was ahead of its time, and somebody has corrected or discarded it meanwhile
            new, numbers = await self.enter(tx, sound)
            lost = await self._set_aside(tx, absurd, request.gateway) if absurd else 0
        self._remember(numbers)
        self._counters.unpriced.inc(sum(is_unpriced(sound[key]) for key in new))
        self._counters.ingest.observe(self._clock.monotonic() - began)
        self._tell_absurd(absurd, lost, request.gateway)
        return self._counted(came, len(new), len(absurd))

    async def enter(self, tx: Transaction, entries: Mapping[Key, Entry]) -> tuple[set[Key], Mapping[Dims, int]]:
        """Add entries to the ledger and its sums; return which were new, and the numbers of their dimensions."""
        dims = {key: dims_of(entry) for key, entry in entries.items()}
        numbers = await self._numbered(tx, set(dims.values()))
        new = await self._add(tx, entries, {key: numbers[value] for key, value in dims.items()})
        return new, numbers

    def _sorted_out(self, request: IngestEntries) -> tuple[dict[Key, Entry], list[Absurd], dict[Key, bytes]]:
        """Return what a ledger can hold, what none can, and of the former how it came."""
        sound: dict[Key, Entry] = {}
        bodies: dict[Key, bytes] = {}
        absurd: list[Absurd] = [(one.body, one.reason) for one in request.unread]
        now = self._clock.now()
        for body in map(bytes, request.entries):
            match read(body, now=now):
                case str() as why:
                    absurd.append((quarantine_store.text_of(body), why))
                case entry:
                    key = (entry.at, entry.id)
                    sound[key], bodies[key] = entry, body
        return sound, absurd, bodies

    async def _numbered(self, tx: Transaction, wanted: AbstractSet[Dims]) -> dict[Dims, int]:
        """Return the numbers of all dimensions that come up."""
        known = {dims: self._numbers[dims] for dims in wanted if dims in self._numbers}
        if len(known) < len(wanted):
            known |= await number_store.numbers(tx, wanted - known.keys())
        return known

    def _remember(self, numbers: Mapping[Dims, int]) -> None:
        """Keep numbers for the next batch, but only those of a transaction that has been committed."""
        if len(self._numbers) + len(numbers) > NUMBERS_CAP:
            self._numbers.clear()
        self._numbers |= numbers

    async def _add(self, tx: Transaction, entries: Mapping[Key, Entry], placed: Mapping[Key, int]) -> set[Key]:
        new = await entry_store.add(tx, entries, placed)
        fresh = [entries[key] for key in sorted(new)]
        minutes = add_up(
            (RollupRow(int(entry.at // MINUTE) * MINUTE, entry.tenant, placed[entry.at, entry.id]), sums_of(entry))
            for entry in fresh
        )
        for grain, cells in sums_to_keep(minutes, now=self._clock.now(), settings=self._settings).items():
            await sum_store.add(tx, grain, cells)
        await self._tell_refused(tx, fresh)
        return new

    async def _tell_refused(self, tx: Transaction, fresh: Sequence[Entry]) -> None:
        refused = together(filter(is_denied, fresh), most=self._settings.refused_events)
        if refused:
            await self._outbox.add(tx, REQUESTS_REFUSED, RequestsRefused(entries=refused))

    async def _set_aside(self, tx: Transaction, absurd: Sequence[Absurd], gateway: str) -> int:
        most = self._settings.quarantine
        return await quarantine_store.set_aside(tx, absurd, gateway=gateway, now=self._clock.now(), cap=most)

    def _tell_absurd(self, absurd: Sequence[Absurd], lost: int, gateway: str) -> None:
        if absurd:
            log.warning("entries_quarantined", gateway=gateway, count=len(absurd), first=absurd[0][1])
        if lost:
            self._counters.lost.inc(lost)
            log.error("entries_lost", gateway=gateway, count=lost, full="[metering] quarantine", last=absurd[-1][1])

    def _counted(self, came: int, new: int, absurd: int) -> Ingested:
        known = came - new - absurd
        self._counters.new.inc(new)
        self._counters.known.inc(known)
        self._counters.quarantined.inc(absurd)
        return Ingested(new=new, known=known, quarantined=absurd)


def sums_to_keep(
    minutes: dict[RollupRow, Sums], *, now: float, settings: MeteringSettings
) -> dict[Grain, dict[RollupRow, Sums]]:
    """Return what to add to each roll-up: nothing to minutes and hours that are kept no more."""
    hours = coarser(minutes, begins("hour"))
    days = coarser(hours, begins("day"))
    hours_from = now - settings.keep_hours_days * DAY
    return {
        "minute": {cell: sums for cell, sums in minutes.items() if cell.start >= now - MINUTES_KEPT_S},
        "hour": {cell: sums for cell, sums in hours.items() if cell.start >= hours_from},
        "day": days,
        "month": coarser(days, begins("month")),
    }
