"""Prices a span anew, a chunk a transaction: what entries cost, and the sums by the same differences."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import structlog

from tulou.chassis.jobs import JobRun
from tulou.contracts.metering.messages import Entry, Recompute
from tulou.kernel.clock import Clock
from tulou.kernel.message import message
from tulou.ports.database import Database, Transaction
from tulou.rules.metering.book import PriceBook
from tulou.services.metering.domain.sums import MINUTE, RollupRow, add_up, difference_of
from tulou.services.metering.intake import sums_to_keep
from tulou.services.metering.pricing import Pricing
from tulou.services.metering.settings import MeteringSettings
from tulou.services.metering.store import entries as entry_store
from tulou.services.metering.store import sums as sum_store
from tulou.services.metering.store.entries import Key

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

CHUNK = 1_000
PLACE_STEP = "place"


@message
class RecomputeResult:
    """What a recomputation did: `difference` is in millionths, `price` the version of the book it goes by.

    `after` is how far it has come with that version.
    """

    entries: int = 0
    changed: int = 0
    difference: int = 0
    price: int = 0
    after: Key | None = None


class RecomputeJob:
    """Exactly once, whenever it is killed: a chunk's new prices and their differences are written together or not.

    A chunk that is done again, because its record was not written any more, finds its prices right and changes nothing.
    A book that changes meanwhile is begun anew with: so whoever comes last leaves the prices of the newest book, also
    where two of them are at the same span.
    """

    def __init__(self, database: Database, pricing: Pricing, *, clock: Clock, settings: MeteringSettings) -> None:
        self._database = database
        self._pricing = pricing
        self._clock = clock
        self._settings = settings

    async def run(self, run: JobRun) -> RecomputeResult:
        """Price the span with the book as it is at the end, from where an earlier attempt came to."""
        request = msgspec.json.decode(run.job.payload, type=Recompute)
        place = run.step(PLACE_STEP)
        done = msgspec.json.decode(place, type=RecomputeResult) if place else RecomputeResult()
        book = await self._pricing.book(done.price)
        while True:
            if (version := await self._pricing.version()) != book.version:
                book = await self._pricing.book(version)
                done = replace(done, price=version, after=None)
            further = await self._chunk(request, book, done)
            if further is None:
                break
            done = further
            await run.record(PLACE_STEP, msgspec.json.encode(done).decode())
            run.progress(_share(request, done), f"{done.entries} entries, {done.changed} of them changed")
        log.info("entries_recomputed", entries=done.entries, changed=done.changed, price=done.price)
        return done

    async def _chunk(self, request: Recompute, book: PriceBook, done: RecomputeResult) -> RecomputeResult | None:
        """Price the next entries; None when there are no more."""
        wanted = entry_store.conditions(start=request.start, end=request.end, filters={}, model=request.model)
        async with self._database.transaction() as tx:
            found = await entry_store.chunk(tx, *wanted, after=done.after, limit=CHUNK)
            priced = [(book.priced(entry), entry, number) for entry, number in found]
            changed = [(new, old, number) for new, old, number in priced if _differs(new, old)]
            await entry_store.reprice(tx, [new for new, _, _ in changed])
            await self._correct(tx, changed)
        if not found:
            return None
        last, _ = found[-1]
        return replace(
            done,
            entries=done.entries + len(found),
            changed=done.changed + sum(new.cost != old.cost for new, old, _ in changed),
            difference=done.difference + sum(new.cost - old.cost for new, old, _ in changed),
            after=(last.at, last.id),
        )

    async def _correct(self, tx: Transaction, changed: Sequence[tuple[Entry, Entry, int]]) -> None:
        minutes = add_up(
            (RollupRow(int(new.at // MINUTE) * MINUTE, new.tenant, number), difference_of(new, old))
            for new, old, number in changed
        )
        for grain, cells in sums_to_keep(minutes, now=self._clock.now(), settings=self._settings).items():
            await sum_store.add(tx, grain, cells)


def _differs(new: Entry, old: Entry) -> bool:
    return (new.cost, new.priced_by) != (old.cost, old.priced_by)


def _share(request: Recompute, done: RecomputeResult) -> float:
    at = done.after[0] if done.after else request.start
    return (at - request.start) / (request.end - request.start)
