"""The audit trail: appended to under one lock, read in pages, verified from end to end."""

from collections.abc import Sequence
from dataclasses import replace

from tulou.chassis.paging import check_limit, page_of
from tulou.chassis.reach import reach
from tulou.contracts.governance.messages import (
    AuditEntry,
    AuditPage,
    AuditRecord,
    AuditVerdict,
    ListAudit,
    RecordAudit,
    VerifyAudit,
)
from tulou.kernel.errors import InvalidError, TulouError
from tulou.kernel.message import Done
from tulou.ports.database import Database, Transaction
from tulou.services.governance import domain
from tulou.services.governance.chain import GENESIS, linked, why_broken
from tulou.services.governance.seal import HeadSeal
from tulou.services.governance.store import checkpoints
from tulou.services.governance.store import records as record_store
from tulou.services.governance.store.records import TrailHead

STEP = 1_000
"""Records that are in memory at a time while the chain is walked."""

NOBODYS = "\x00"
"""Stands for a tenant or a principal that no record names: texts are kept without NUL."""


class AuditTrail:
    """Who did what. Any number of processes may append: the head is locked from before it is read until it is moved."""

    def __init__(self, database: Database, seal: HeadSeal) -> None:
        self._database = database
        self._seal = seal

    async def record(self, request: RecordAudit) -> Done:
        """Append entries, each once, in one transaction."""
        if len(request.entries) > domain.ENTRIES_CAP:
            raise InvalidError(f"{len(request.entries)} entries at once; at most {domain.ENTRIES_CAP}", param="entries")
        entries = {entry.id: entry for entry in map(domain.clean, request.entries)}
        if entries and await self._append(entries):
            await self._seal.move()
        return Done()

    async def page(self, request: ListAudit) -> AuditPage:
        """Return a page of what the caller may see.

        That is all for who may act over the house, else its tenant's part, or what it did itself at its projects.
        """
        check_limit(request.limit)
        own = _own(request)
        async with self._database.reading() as tx:
            found = await record_store.page(tx, own)
            page = page_of(found, request.limit, lambda record: record.sequence)
            more = await _removals(tx, own, page.items)
        return AuditPage(items=tuple(checkpoints.merged(page.items, more)) if more else page.items, next=page.next)

    async def verify(self, request: VerifyAudit) -> AuditVerdict:
        """Recompute the chain, and compare its end with the head and with the seal."""
        if request.after and not request.head:
            raise InvalidError("after needs head: the hash of that record, which the walk goes on from", param="head")
        try:
            sealed = await self._seal.read()
        except TulouError as error:
            return AuditVerdict(intact=False, records=0, head=request.head, why=str(error))
        async with self._database.reading() as tx:
            ends = [await record_store.head(tx), *([sealed] if sealed else [])]
        verdict = await self._walk(request, ends)
        return replace(verdict, sealed=sealed.sequence if sealed else None)

    async def _append(self, entries: dict[str, AuditEntry]) -> bool:
        async with self._database.transaction() as tx:
            head = await record_store.hold_head(tx)
            known = await record_store.known(tx, list(entries))
            fresh = [entry for entry in entries.values() if entry.id not in known]
            if fresh:
                await record_store.append(tx, list(linked(fresh, sequence=head.sequence, previous=head.hash)))
            return bool(fresh)

    async def _walk(self, request: VerifyAudit, ends: Sequence[TrailHead]) -> AuditVerdict:
        at, walked, removed = TrailHead(sequence=request.after, hash=request.head or GENESIS), 0, 0
        while True:
            step = min(STEP, request.most - walked) if request.most else STEP
            async with self._database.reading() as tx:
                records = await checkpoints.walk(tx, after=at.sequence, limit=step)
            for record in records:
                if record.removed and record.sequence <= at.sequence:  # they went while they were walked
                    continue
                why = await self._why_broken(record, at, ends)
                if why:
                    return _broken(at, walked, at.sequence + 1, why)
                at = TrailHead(sequence=record.sequence, hash=record.hash)
                walked, removed = walked + (not record.removed), removed + record.removed
            if sum(not record.removed for record in records) < step:
                return replace(_at_the_end(at, walked, ends), removed=removed)
            if walked == request.most:
                return AuditVerdict(intact=True, records=walked, head=at.hash, next=at.sequence, removed=removed)

    async def _why_broken(self, record: AuditRecord, at: TrailHead, ends: Sequence[TrailHead]) -> str:
        why = why_broken(record, sequence=at.sequence, previous=at.hash)
        try:
            why = why or await self._seal.why_forged(record)
        except TulouError as error:  # the secrets cannot be read
            why = str(error)
        return why or _denied(record.sequence, record.hash, ends)


def _denied(sequence: int, link: str, ends: Sequence[TrailHead]) -> str:
    """Return why a record cannot be what the head or the seal says that it is."""
    if any(end.sequence == sequence and end.hash != link for end in ends):
        return f"record {sequence} is not the one that the head or the seal names: the trail was written anew"
    return ""


def _at_the_end(at: TrailHead, walked: int, ends: Sequence[TrailHead]) -> AuditVerdict:
    furthest = max(end.sequence for end in ends)
    if at.sequence < furthest:
        why = f"the trail ends at {at.sequence}, but went on to {furthest}: its end was cut off"
        return _broken(at, walked, at.sequence + 1, why)
    return AuditVerdict(intact=True, records=walked, head=at.hash)


def _broken(at: TrailHead, walked: int, sequence: int, why: str) -> AuditVerdict:
    return AuditVerdict(intact=False, records=walked, head=at.hash, broken_at=sequence, why=why)


async def _removals(tx: Transaction, request: ListAudit, items: Sequence[AuditRecord]) -> Sequence[AuditRecord]:
    """Return what stands for refusals that were removed before or between these records, if it is asked for."""
    exact = (request.tenant, request.principal, request.action, request.outcome, request.changes)
    if not (request.removed and request.oldest_first and items) or any(exact):
        return []
    start = items[0].sequence if request.since is not None and not request.after else request.after
    return await checkpoints.between(tx, after=start, until=items[-1].sequence)


def _own(request: ListAudit) -> ListAudit:
    """Return the request for no more than the caller may see; records name no project."""
    bounds = reach()
    if bounds.house:
        return request
    mine = replace(request, tenant=bounds.caller.tenant or NOBODYS)
    return mine if bounds.within is None else replace(mine, principal=bounds.caller.principal or NOBODYS)
