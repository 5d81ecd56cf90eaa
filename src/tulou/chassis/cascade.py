"""Tell the audit trail of each thing that goes, or comes, with what somebody asked for.

The request has its entry from the REST API; what it took along has one entry each, with the same request's id.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from tulou.chassis.trail import Recorder, append
from tulou.contracts.governance.messages import AuditEntry, Outcome
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.ids import new_id
from tulou.kernel.message import message

Way = Literal["create", "update", "delete"]

AT_ONCE = 500
"""Entries in one call of the trail."""


@message
class RemovedResource:
    """One thing: `noun` as in its permission, `name` as in its path, and what else there is to know.

    `outcome` is `failed` for what went, or came, and was undone with all else that was asked for.
    """

    noun: str
    name: str
    way: Way
    detail: Mapping[str, object]
    outcome: Outcome = "done"


class AuditCascade:
    """Appends entries in the name of whoever asks; should the trail be away, they go to the log, whole."""

    def __init__(self, record: Recorder, *, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    async def tell(self, things: Sequence[RemovedResource], *, reason: str = "") -> None:
        """Append one entry for each thing, in their order; `reason` is the caller's own where none is given."""
        entries = [self._entry(thing, reason) for thing in things]
        for start in range(0, len(entries), AT_ONCE):
            await append(self._record, *entries[start : start + AT_ONCE])

    def _entry(self, thing: RemovedResource, reason: str) -> AuditEntry:
        context = CONTEXT.get()
        who = context.person
        return AuditEntry(
            id=new_id("audit"),
            at=self._clock.now(),
            tenant=who.tenant if who else "",
            principal=who.principal if who else "",
            key=who.id if who else "",
            action=f"{thing.noun}:write",
            resource=f"{thing.noun}/{thing.name}",
            outcome=thing.outcome,
            request_id=context.request_id,
            reason=reason or context.reason,
            detail=msgspec.json.encode({"change": thing.way, **thing.detail}).decode(),
        )
