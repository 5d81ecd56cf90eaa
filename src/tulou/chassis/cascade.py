"""Tell the audit trail of each thing that goes, or comes, with what somebody asked for.

The request has its entry from the REST API; what it took along has one entry each, with the same request's id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

import msgspec
import structlog

from tulou.contracts.governance.messages import AuditEntry, RecordAudit
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import TulouError
from tulou.kernel.ids import new_id
from tulou.kernel.message import Done, message

Recorder = Callable[[RecordAudit], Awaitable[Done]]
Way = Literal["create", "update", "delete"]

WITHIN_S = 5.0
AT_ONCE = 500
"""Entries in one call of the trail."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@message
class Went:
    """One thing: `noun` as in its permission, `name` as in its path, and what else there is to know."""

    noun: str
    name: str
    way: Way
    detail: Mapping[str, object]


class Cascade:
    """Appends entries in the name of whoever asks; should the trail be away, they go to the log, whole."""

    def __init__(self, record: Recorder, *, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    async def tell(self, things: Sequence[Went], *, reason: str = "") -> None:
        """Append one entry for each thing, in their order; `reason` is the caller's own where none is given."""
        entries = [self._entry(thing, reason) for thing in things]
        for start in range(0, len(entries), AT_ONCE):
            await self._append(tuple(entries[start : start + AT_ONCE]))

    def _entry(self, thing: Went, reason: str) -> AuditEntry:
        who = CONTEXT.get()
        return AuditEntry(
            id=new_id("audit"),
            at=self._clock.now(),
            tenant=who.tenant,
            principal=who.principal,
            key=who.key or who.session,
            action=f"{thing.noun}:write",
            resource=f"{thing.noun}/{thing.name}",
            outcome="done",
            request_id=who.request_id,
            reason=reason or who.reason,
            detail=msgspec.json.encode({"change": thing.way, **thing.detail}).decode(),
        )

    async def _append(self, entries: tuple[AuditEntry, ...]) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                await self._record(RecordAudit(entries=entries))
        except (TulouError, TimeoutError) as error:
            for entry in entries:
                log.error("audit_entry_not_kept", error=str(error), entry=msgspec.to_builtins(entry))  # noqa: TRY400 - no bug
