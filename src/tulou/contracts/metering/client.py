"""Metering, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.metering.api import (
    CORRECT,
    DELETE_PRICE,
    DISCARD,
    ENTRIES,
    INGEST,
    PRICES,
    PUT_PRICE,
    PUT_PRICES,
    QUARANTINE,
    RECOMPUTE,
    REQUEUE,
    USAGE,
    VALIDATE_PRICES,
)
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
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done, Rejections


@dataclass(frozen=True, slots=True)
class MeteringClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def ingest(self, request: IngestEntries) -> Ingested:
        """Add entries to the ledger, each once; when this returns they are kept."""
        return await self.transport.call(INGEST, request)

    async def prices(self, request: ListPrices) -> PriceList:
        """Return the price book."""
        return await self.transport.call(PRICES, request)

    async def put_price(self, request: Price) -> Price:
        """Add or replace a price; entries that are priced already keep theirs until they are recomputed."""
        return await self.transport.call(PUT_PRICE, request)

    async def put_prices(self, request: PutPrices) -> PricesPut:
        """Add or replace many prices in one change of the book; those that are there already change nothing."""
        return await self.transport.call(PUT_PRICES, request)

    async def delete_price(self, request: NamePrice) -> Done:
        """Remove a price."""
        return await self.transport.call(DELETE_PRICE, request)

    async def usage(self, request: UsageQuery) -> UsageReport:
        """Return sums over time, from roll-ups."""
        return await self.transport.call(USAGE, request)

    async def entries(self, request: ListEntries) -> EntryPage:
        """Return raw entries."""
        return await self.transport.call(ENTRIES, request)

    async def recompute(self, request: Recompute) -> Recomputing:
        """Enqueue the pricing of past entries anew."""
        return await self.transport.call(RECOMPUTE, request)

    async def quarantine(self, request: ListQuarantine) -> QuarantinePage:
        """Return what was set aside because no ledger can hold it."""
        return await self.transport.call(QUARANTINE, request)

    async def requeue(self, request: Requeue) -> Requeued:
        """Take in what was set aside and can be held by now; what cannot stays, with its new reason."""
        return await self.transport.call(REQUEUE, request)

    async def correct(self, request: CorrectEntry) -> Requeued:
        """Count an entry in the place of one that was set aside."""
        return await self.transport.call(CORRECT, request)

    async def discard(self, request: DiscardEntry) -> Done:
        """Settle that an entry that was set aside is never counted."""
        return await self.transport.call(DISCARD, request)

    async def validate_prices(self, request: ValidatePrices) -> Rejections:
        """Say which prices would be refused, and why."""
        return await self.transport.call(VALIDATE_PRICES, request)
