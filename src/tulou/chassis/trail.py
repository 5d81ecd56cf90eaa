"""Append to the audit trail; should it be away, the entries go to the log, whole: what is done cannot be taken back."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from tulou.contracts.governance.messages import AuditEntry, RecordAudit
from tulou.kernel.errors import TulouError
from tulou.kernel.message import Done

Recorder = Callable[[RecordAudit], Awaitable[Done]]

WITHIN_S = 5.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


async def append(record: Recorder, *entries: AuditEntry) -> None:
    """Append entries; of those that are not taken in time, say all there is to the log."""
    try:
        async with asyncio.timeout(WITHIN_S):
            await record(RecordAudit(entries=entries))
    except (TulouError, TimeoutError) as error:
        for entry in entries:
            log.error("audit_entry_not_kept", error=str(error), entry=msgspec.to_builtins(entry))  # noqa: TRY400 - no bug
