"""An export is verified where it lies: without the house, and without its key."""

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from tulou.contracts.governance.messages import AuditRecord, AuditVerdict
from tulou.services.governance.chain import GENESIS, SWEEP, SweepResult, why_broken


class UnexplainedGaps:
    """Removals in a walk that no later record has named so far."""

    def __init__(self) -> None:
        self._spans: set[tuple[int, int]] = set()

    def see(self, record: AuditRecord) -> None:
        """Take the next record of a walk."""
        if record.removed:
            self._spans.add((record.sequence - record.removed + 1, record.sequence))
        elif record.entry.action == SWEEP:
            with suppress(msgspec.MsgspecError):
                self._spans -= set(msgspec.json.decode(record.entry.detail, type=SweepResult).removed)

    def first(self) -> int | None:
        """Return the first sequence that is gone without a record that says so; None if there is none."""
        return min(self._spans)[0] if self._spans else None


def verified(records: Iterable[AuditRecord]) -> AuditVerdict:
    """Walk records that follow one another, from whichever is first; what was removed must be named by a later one."""
    sequence, previous, count, removed, unnamed = -1, "", 0, 0, UnexplainedGaps()
    for record in records:
        if sequence < 0:  # an export may begin anywhere; only a first record has no other before it
            sequence = record.sequence - max(record.removed, 1)
            previous = record.previous if sequence else GENESIS
        why = why_broken(record, sequence=sequence, previous=previous)
        if why:
            return AuditVerdict(intact=False, records=count, head=previous, broken_at=sequence + 1, why=why)
        unnamed.see(record)
        sequence, previous = max(sequence, record.sequence), record.hash
        count, removed = count + (not record.removed), removed + record.removed
    if (gone := unnamed.first()) is not None:
        why = f"records from {gone} on were removed, and no later record of the trail says so"
        return AuditVerdict(intact=False, records=count, head=previous, broken_at=gone, why=why)
    return AuditVerdict(intact=True, records=count, head=previous, removed=removed)
