"""The chain: each record holds the hash of the one before, so that none can change, go or come unnoticed.

`hash` is SHA-256 over the canonical JSON of `{"entry": ..., "previous": ..., "sequence": ...}`: keys sorted, no spaces,
UTF-8. Whoever has an export can compute it anew without this house. Where refusals are kept no longer, one record
stands for them that holds the hash before and that of the last, and a later record of the chain names them.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

import msgspec

from tulou.contracts.governance.messages import AuditEntry, AuditRecord
from tulou.kernel.message import message

GENESIS = "0" * 64
"""What the first record has as the hash of the one before."""

SWEEP = "audit:sweep"
"""The action of the record by which the chain itself says what was removed from it."""

_ENCODER = msgspec.json.Encoder(order="deterministic")


@message
class SweepResult:
    """What a sweep removed: how many, and the spans that are gone now, first and last sequence."""

    count: int
    removed: tuple[tuple[int, int], ...]


def hash_of(entry: AuditEntry, *, sequence: int, previous: str) -> str:
    """Return the hash of a record in hex."""
    whole = {"entry": msgspec.to_builtins(entry), "previous": previous, "sequence": sequence}
    return sha256(_ENCODER.encode(whole)).hexdigest()


def linked(entries: Iterable[AuditEntry], *, sequence: int, previous: str) -> Iterator[AuditRecord]:
    """Yield entries as the records that follow on a head."""
    for entry in entries:
        sequence += 1
        link = hash_of(entry, sequence=sequence, previous=previous)
        yield AuditRecord(sequence=sequence, entry=entry, previous=previous, hash=link)
        previous = link


def swept(spans: Sequence[tuple[int, int]], count: int) -> str:
    """Return the detail of the record that names what a sweep removed: first and last sequences."""
    return _ENCODER.encode(SweepResult(count=count, removed=tuple(spans))).decode()


def why_broken(record: AuditRecord, *, sequence: int, previous: str) -> str:
    """Return why a record does not follow on a head; empty if it does."""
    if record.removed:
        return _why_cut(record, sequence=sequence, previous=previous)
    if record.sequence != sequence + 1:
        return f"record {sequence + 1} is missing"
    if record.previous != previous:
        return f"record {record.sequence} does not follow on the one before it: that one was exchanged, or moved"
    if record.hash != hash_of(record.entry, sequence=record.sequence, previous=record.previous):
        return f"record {record.sequence} is not what was recorded: its content was changed"
    return ""


def _why_cut(record: AuditRecord, *, sequence: int, previous: str) -> str:
    """Return what is wrong with what stands for removed records; it may begin earlier, if they went during the walk."""
    first = record.sequence - record.removed + 1
    if first > sequence + 1:
        return f"record {sequence + 1} is missing"
    if first == sequence + 1 and record.previous != previous:
        return f"the removal of records {first} to {record.sequence} does not follow on the record before it"
    return ""
