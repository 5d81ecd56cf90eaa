"""Removes refusals that are kept no longer, so that nothing else can go with them unnoticed.

Only what the seal vouches for goes, only what is as it was recorded, and a signed checkpoint stays in its place. What a
sweep removed is a record of the chain itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import structlog

from tulou.contracts.governance.messages import AuditEntry, AuditRecord
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database, Transaction
from tulou.services.governance.chain import GENESIS, SWEEP, linked, swept, why_broken
from tulou.services.governance.seal import HeadSeal, removal
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.store import checkpoints
from tulou.services.governance.store import records as record_store
from tulou.services.governance.store.checkpoints import Checkpoint
from tulou.services.governance.store.records import TrailHead

AT_ONCE = 500
"""Refusals that one transaction removes: so long everybody who appends waits."""

SPANS = 100
"""Spans that one record names: its detail has 8,192 characters."""

DAY_S = 86_400.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Retention:
    """Refusals go after some days, and the oldest when there are too many; what was changed stays for ever."""

    def __init__(self, database: Database, seal: HeadSeal, *, clock: Clock, settings: GovernanceSettings) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._settings = settings

    async def sweep(self) -> int:
        """Remove all that is kept no longer, some at a time; return how many; raise `TulouError` at a broken trail."""
        sealed = await self._seal.read()
        if sealed is None:  # without one nothing vouches for what would be left
            return 0
        total = 0
        while count := await self._step(sealed):
            total += count
        if total:
            await self._seal.move()
            log.info("refusals_removed", count=total)
        return total

    async def _step(self, sealed: TrailHead) -> int:
        async with self._database.transaction() as tx:
            head = await record_store.hold_head(tx)
            runs = runs_of(await self._chosen(tx, sealed.sequence))[:SPANS]
            if not runs:
                return 0
            await _check_sealed(tx, sealed)
            fresh = await self._condensed(tx, runs)
            await checkpoints.put(tx, fresh)
            count = sum(map(len, runs))
            entry = self._entry([(one.first, one.last) for one in fresh], count)
            await record_store.append(tx, list(linked([entry], sequence=head.sequence, previous=head.hash)))
        return count

    async def _chosen(self, tx: Transaction, below: int) -> Sequence[AuditRecord]:
        excess = await checkpoints.count_denied(tx) - self._settings.max_denied
        if excess > 0:
            return await checkpoints.denied(tx, below=below, before=None, limit=min(excess, AT_ONCE))
        before = self._clock.now() - self._settings.keep_denied_days * DAY_S
        return await checkpoints.denied(tx, below=below, before=before, limit=AT_ONCE)

    async def _condensed(self, tx: Transaction, runs: Sequence[Sequence[AuditRecord]]) -> Sequence[Checkpoint]:
        places = [place for run in runs for place in (run[0].sequence - 1, run[-1].sequence + 1)]
        links = await checkpoints.links(tx, places)
        near = await checkpoints.beside(tx, places)
        after = {place: previous for place, (previous, _) in links.items()} | {one.first: one.previous for one in near}
        earlier = {one.last: one for one in near}
        before = {0: GENESIS} | {place: link for place, (_, link) in links.items()}
        now = self._clock.now()
        found: list[Checkpoint] = []
        for run in runs:
            taken = earlier.get(run[0].sequence - 1)
            if taken and (why := await self._seal.why_forged(checkpoints.as_record(taken))):
                raise ConflictError(f"refusals are not removed: {why}")
            one = condensed(run, taken=taken, before=before, after=after.get(run[-1].sequence + 1, ""), now=now)
            proof = await self._seal.sign(removal(one.first, one.last, one.previous, one.hash))
            found.append(replace(one, proof=proof))
        return found

    def _entry(self, spans: Sequence[tuple[int, int]], count: int) -> AuditEntry:
        kept = f"refusals are kept for {self._settings.keep_denied_days:g} days, at most {self._settings.max_denied}"
        return AuditEntry(
            id=new_id("swept"),
            at=self._clock.now(),
            tenant="",
            principal="",
            action=SWEEP,
            resource="audit/denied",
            outcome="done",
            reason=kept,
            detail=swept(spans, count),
        )


def runs_of(records: Iterable[AuditRecord]) -> list[list[AuditRecord]]:
    """Return records, in order, as runs of those that follow one another."""
    runs: list[list[AuditRecord]] = []
    for record in records:
        if runs and runs[-1][-1].sequence + 1 == record.sequence:
            runs[-1].append(record)
        else:
            runs.append([record])
    return runs


def condensed(
    run: Sequence[AuditRecord], *, taken: Checkpoint | None, before: dict[int, str], after: str, now: float
) -> Checkpoint:
    """Return what stands for a run, and for the checkpoint before it; raise `ConflictError` if a link is broken.

    `before` are hashes by sequence, `after` is what the record behind the run has as the hash of the one before.
    """
    sequence = run[0].sequence - 1
    start = taken.hash if taken else before.get(sequence, "")
    link = start
    for record in run:
        if why := why_broken(record, sequence=sequence, previous=link):
            raise ConflictError(f"refusals are not removed: {why}")
        sequence, link = record.sequence, record.hash
    if after != link:
        raise ConflictError(f"refusals are not removed: record {sequence + 1} does not follow on the one before it")
    first, previous = (taken.first, taken.previous) if taken else (run[0].sequence, start)
    return Checkpoint(first=first, last=sequence, at=now, previous=previous, hash=link)


async def _check_sealed(tx: Transaction, sealed: TrailHead) -> None:
    kept = await record_store.record(tx, sealed.sequence)
    if kept is None or kept.hash != sealed.hash:
        raise ConflictError("refusals are not removed: the trail is not what was sealed; see `tulou audit verify`")
