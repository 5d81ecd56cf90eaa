"""Metering: the ledger of what was used, what it cost, and by whom."""

from typing import Protocol

from tulou.contracts.metering.messages import (
    CorrectEntry,
    DiscardEntry,
    EntryPage,
    Ingested,
    IngestEntries,
    ListEntries,
    ListPrices,
    ListQuarantine,
    NamePrice,
    Price,
    PriceList,
    PricesPut,
    PutPrices,
    QuarantinePage,
    Recompute,
    Recomputing,
    Requeue,
    Requeued,
    UsageQuery,
    UsageReport,
    ValidatePrices,
)
from tulou.kernel.message import Done, Rejections


class Metering(Protocol):
    """The ledger, the price book and reports."""

    async def ingest(self, request: IngestEntries) -> Ingested:
        """Add entries to the ledger, each once; when this returns they are kept."""
        ...

    async def prices(self, request: ListPrices) -> PriceList:
        """Return the price book."""
        ...

    async def put_price(self, request: Price) -> Price:
        """Add or replace a price; entries that are priced already keep theirs until they are recomputed."""
        ...

    async def put_prices(self, request: PutPrices) -> PricesPut:
        """Add or replace many prices in one change of the book; those that are there already change nothing."""
        ...

    async def delete_price(self, request: NamePrice) -> Done:
        """Remove a price."""
        ...

    async def usage(self, request: UsageQuery) -> UsageReport:
        """Return sums over time, from roll-ups."""
        ...

    async def entries(self, request: ListEntries) -> EntryPage:
        """Return raw entries."""
        ...

    async def recompute(self, request: Recompute) -> Recomputing:
        """Enqueue the pricing of past entries anew."""
        ...

    async def quarantine(self, request: ListQuarantine) -> QuarantinePage:
        """Return what was set aside because no ledger can hold it."""
        ...

    async def requeue(self, request: Requeue) -> Requeued:
        """Take in what was set aside and can be held by now; what cannot stays, with its new reason."""
        ...

    async def correct(self, request: CorrectEntry) -> Requeued:
        """Count an entry in the place of one that was set aside."""
        ...

    async def discard(self, request: DiscardEntry) -> Done:
        """Settle that an entry that was set aside is never counted."""
        ...

    async def validate_prices(self, request: ValidatePrices) -> Rejections:
        """Say which prices would be refused, and why."""
        ...
