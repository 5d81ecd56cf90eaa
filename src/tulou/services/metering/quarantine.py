"""The way back of entries that were set aside: taken again, corrected, or discarded; each leaves once."""

import re
from collections.abc import Sequence

import structlog

from tulou.chassis.paging import check_limit, page_of, read_mark, write_mark
from tulou.chassis.reach import reach
from tulou.contracts.metering.messages import (
    CorrectEntry,
    DiscardEntry,
    Entry,
    ListQuarantine,
    QuarantinePage,
    Requeue,
    Requeued,
    SetAside,
    Settlement,
)
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.kernel.message import Done
from tulou.ports.database import Database, Transaction
from tulou.services.metering.counters import MeteringCounters
from tulou.services.metering.domain.entries import read, why_absurd
from tulou.services.metering.intake import EntryIntake
from tulou.services.metering.store import quarantine as store
from tulou.services.metering.store.entries import Key

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

PAGE_CAP = 1_000
CHUNK = 500
"""Entries that are taken again in one transaction."""
REASON_CAP = 500
BEGINNING = re.compile(r"[0-9a-f]{8,64}")
"""Of a digest: enough of it that two hardly ever begin alike."""


class Quarantine:
    """An entry leaves in the transaction in which it is counted. Its row is locked from when it is read until then."""

    def __init__(self, database: Database, intake: EntryIntake, *, clock: Clock, counters: MeteringCounters) -> None:
        self._database = database
        self._intake = intake
        self._clock = clock
        self._counters = counters

    async def page(self, request: ListQuarantine) -> QuarantinePage:
        """Return a page of what waits, or of what was settled."""
        reach().check_house("the quarantine")
        check_limit(request.limit, most=PAGE_CAP)
        after = read_mark(request.after, tuple[float, str]) if request.after else None
        async with self._database.reading() as tx:
            waiting = await store.waiting(tx)
            found = await store.page(tx, settled=request.settled, after=after, limit=request.limit + 1)
        page = page_of(found, request.limit, lambda held: write_mark(_place(held)))
        return QuarantinePage(items=page.items, waiting=waiting, next=page.next)

    async def requeue(self, request: Requeue) -> Requeued:
        """Take one again, or all, chunk by chunk: what is done stays done, whatever ends this."""
        reach().check_house("the quarantine")
        if not request.digest:
            return await self._take_all()
        async with self._database.transaction() as tx:
            done = await self._take(tx, [await _named(tx, request.digest)])
            waiting = await store.waiting(tx)
        self._tell("entries_requeued", waiting, done)
        return done

    async def correct(self, request: CorrectEntry) -> Requeued:
        """Count an entry in the place of one that was set aside, which is kept as it was."""
        reach().check_house("the quarantine")
        entry = request.entry
        if why := why_absurd(entry, now=self._clock.now()):
            raise InvalidError(f"no ledger can hold this entry either: {why}", param="entry")
        async with self._database.transaction() as tx:
            one = await _named(tx, request.digest)
            new, _ = await self._intake.enter(tx, {(entry.at, entry.id): entry})
            await store.settle(tx, one.digest, self._settlement(request.reason, entry))
            waiting = await store.waiting(tx)
        done = Requeued(new=len(new), known=1 - len(new))
        self._tell("entry_corrected", waiting, done)
        return done

    async def discard(self, request: DiscardEntry) -> Done:
        """Settle that one is never counted; raise `InvalidError` where nobody says why."""
        reach().check_house("the quarantine")
        if not request.reason.strip():
            raise InvalidError("say why it is not to be billed: --reason, or the header x-tulou-reason", param="reason")
        async with self._database.transaction() as tx:
            one = await _named(tx, request.digest)
            await store.settle(tx, one.digest, self._settlement(request.reason, None))
            waiting = await store.waiting(tx)
        self._tell("entry_discarded", waiting, Requeued())
        return Done()

    async def _take_all(self) -> Requeued:
        done, after = Requeued(), None
        while True:
            async with self._database.transaction() as tx:
                found = await store.held(tx, after=after, limit=CHUNK)
                part = await self._take(tx, found)
                waiting = await store.waiting(tx)
            self._tell("entries_requeued", waiting, part)
            done = Requeued(new=done.new + part.new, known=done.known + part.known, left=done.left + part.left)
            if len(found) < CHUNK:
                return done
            after = _place(found[-1])

    async def _take(self, tx: Transaction, found: Sequence[SetAside]) -> Requeued:
        """Count what can be held now. Rows of the quarantine are written last, so that no ingest waits for them."""
        now = self._clock.now()
        judged = {one.digest: read(one.body.encode(), now=now) for one in found}
        sound = {digest: entry for digest, entry in judged.items() if isinstance(entry, Entry)}
        entries: dict[Key, Entry] = {(entry.at, entry.id): entry for entry in sound.values()}
        new, _ = await self._intake.enter(tx, entries)
        cut = {one.digest for one in found if len(one.body) >= store.BODY_CAP}  # their first reason says more
        left = {digest: why for digest, why in judged.items() if isinstance(why, str)}
        await store.explain(tx, {digest: why for digest, why in left.items() if digest not in cut})
        await store.release(tx, list(sound))
        return Requeued(new=len(new), known=len(sound) - len(new), left=len(left))

    def _tell(self, event: str, waiting: int, done: Requeued) -> None:
        self._counters.new.inc(done.new)
        self._counters.known.inc(done.known)
        self._counters.waiting.set(waiting)
        log.info(event, new=done.new, known=done.known, left=done.left, waiting=waiting, by=CONTEXT.get().author)

    def _settlement(self, reason: str, entry: Entry | None) -> Settlement:
        who = CONTEXT.get()
        why = reason.strip().replace("\0", "")[:REASON_CAP]
        return Settlement(at=self._clock.now(), by=who.principal or who.key, why=why, entry=entry)


async def _named(tx: Transaction, digest: str) -> SetAside:
    """Return what a digest names, or the beginning of one, as far as no other begins so."""
    found = await store.held_by(tx, digest) if BEGINNING.fullmatch(digest) else ()
    if len(found) != 1:
        several = "several entries wait" if found else "nothing waits"
        raise NotFoundError(
            f"{several} in quarantine as {digest[:64]!r}; `tulou usage quarantine` lists what does", param="digest"
        )
    return found[0]


def _place(one: SetAside) -> store.Place:
    return one.received_at, one.digest
