"""What was set aside, under `/api/v1/ledger/quarantine`."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from tulou.chassis.rest.declared import permits
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import (
    CorrectEntry,
    DiscardEntry,
    Entry,
    ListQuarantine,
    QuarantinePage,
    Requeue,
    Requeued,
)
from tulou.kernel.message import Done

Reason = Annotated[str, Header(alias="x-tulou-reason", description="Why; kept with what is changed.")]


def add_quarantine(routes: APIRouter, metering: Metering) -> None:
    """Add the ways back of what no ledger can hold."""

    @routes.get("/ledger/quarantine", openapi_extra=permits("ledger:read", "ledger", "quarantine"))
    async def list_quarantine(
        *, limit: Annotated[int, Query(ge=1, le=1000)] = 100, after: str = "", settled: bool = False
    ) -> QuarantinePage:
        """Return what was set aside and waits, or what was settled; the newest first."""
        return await metering.quarantine(ListQuarantine(limit=limit, after=after, settled=settled))

    @routes.post("/ledger/quarantine/requeue", openapi_extra=permits("ledger:write", "ledger", "quarantine/requeue"))
    async def requeue_quarantine(body: Requeue) -> Requeued:
        """Take one again, or all where no digest is named; each counts once, and what cannot be held stays."""
        return await metering.requeue(body)

    @routes.put(
        "/ledger/quarantine/{digest}",
        openapi_extra=permits("ledger:write", "ledger", "quarantine/{digest}", tenant="body"),
    )
    async def correct_quarantined(digest: str, body: Entry, reason: Reason = "") -> Requeued:
        """Count an entry in the place of one that was set aside; that is kept as it came."""
        return await metering.correct(CorrectEntry(digest=digest, entry=body, reason=_read(reason)))

    @routes.delete(
        "/ledger/quarantine/{digest}", openapi_extra=permits("ledger:write", "ledger", "quarantine/{digest}")
    )
    async def discard_quarantined(digest: str, reason: Reason = "") -> Done:
        """Settle that one is never counted; the reason is required."""
        return await metering.discard(DiscardEntry(digest=digest, reason=_read(reason)))

    _ = (list_quarantine, requeue_quarantine, correct_quarantined, discard_quarantined)


def _read(header: str) -> str:
    """Return what a header says in UTF-8, as the audit trail reads it."""
    return header.encode("latin-1").decode("utf-8", "replace")
