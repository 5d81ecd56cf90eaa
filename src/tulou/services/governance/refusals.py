"""Refused requests for inference on their way into the trail: the first of a minute at once, the rest by number."""

from collections.abc import Iterator, Sequence

import msgspec

from tulou.chassis.refusals import OTHER, RefusalCounts, RefusedAddress
from tulou.contracts.governance.messages import AuditEntry
from tulou.contracts.metering.messages import Entry
from tulou.kernel.clock import Clock
from tulou.kernel.ids import new_id
from tulou.services.governance.domain import refused

TOLD = 100
_SEPARATOR = "\n"


class RefusedRequests:
    """By caller, model and reason; what is told of twice, since facts may be, is counted twice and recorded once."""

    def __init__(self, clock: Clock) -> None:
        self._refusals = RefusalCounts(clock, told=TOLD)

    def entries(self, told: Sequence[Entry]) -> Iterator[AuditEntry]:
        """Yield what is to be recorded at once: of callers who are known the first, of others all, being few."""
        for entry in told:
            if not entry.key:
                yield refused(entry)
                continue
            subject = _SEPARATOR.join((entry.tenant, entry.principal, entry.key, entry.model))
            if self._refusals.count(subject, entry.code, times=_times(entry)).tell:
                yield refused(entry)

    def sums(self, *, ending: bool = False) -> Iterator[AuditEntry]:
        """Yield the entries of minutes that are over, each once."""
        return map(_sum, self._refusals.take(ending=ending))


def _times(entry: Entry) -> int:
    count = dict(entry.tags).get("count", "")
    return int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 1  # noqa: PLR2004 - a billion


def _sum(one: RefusedAddress) -> AuditEntry:
    named = one.subject.split(_SEPARATOR) if one.subject != OTHER else ["", "", "", ""]
    tenant, principal, key, model = (*named, "", "", "", "")[:4]
    return AuditEntry(
        id=new_id("audit"),
        at=one.last,
        tenant=tenant,
        principal=principal,
        key=key,
        action="models:use",
        resource=f"model/{model}",
        outcome="denied",
        code=one.code,
        detail=msgspec.json.encode({"count": one.times, "first": one.first, "last": one.last}).decode(),
    )
