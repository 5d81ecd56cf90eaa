"""The chain: each record holds the hash of the one before, so that none can change, go or come unnoticed.

`hash` is SHA-256 over the canonical JSON of `{"entry": ..., "previous": ..., "sequence": ...}`: keys sorted, no spaces,
UTF-8. Whoever has an export can compute it anew without this house.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from tulou.contracts.governance.messages import AuditEntry, AuditRecord

GENESIS = "0" * 64
"""What the first record has as the hash of the one before."""

_ENCODER = msgspec.json.Encoder(order="deterministic")


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


def why_broken(record: AuditRecord, *, sequence: int, previous: str) -> str:
    """Return why a record does not follow on a head; empty if it does."""
    if record.sequence != sequence + 1:
        return f"record {sequence + 1} is missing"
    if record.previous != previous:
        return f"record {record.sequence} does not follow on the one before it: that one was exchanged, or moved"
    if record.hash != hash_of(record.entry, sequence=record.sequence, previous=record.previous):
        return f"record {record.sequence} is not what was recorded: its content was changed"
    return ""
