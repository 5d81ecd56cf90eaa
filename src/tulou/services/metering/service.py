"""The use cases of the metering service."""

from hashlib import sha256

import msgspec

from tulou.chassis.reach import reach
from tulou.chassis.validation import rejections
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import EnqueueJob
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
    Requeue,
    Requeued,
    UsageQuery,
    UsageReport,
    ValidatePrices,
)
from tulou.contracts.metering.messages import Recomputing as Enqueued
from tulou.kernel.message import Done, Rejections
from tulou.services.metering.domain.prices import check_price
from tulou.services.metering.domain.spans import check_span
from tulou.services.metering.intake import EntryIntake
from tulou.services.metering.pricing import Pricing
from tulou.services.metering.quarantine import Quarantine
from tulou.services.metering.reach import within_reach
from tulou.services.metering.recomputing import RecomputeJob
from tulou.services.metering.reporting import Reporting

RECOMPUTE_JOB = "metering.recompute"
LEASE_S = 60.0


class MeteringService:
    """The ledger in the database; implements `contracts.metering.Metering`."""

    def __init__(
        self,
        intake: EntryIntake,
        pricing: Pricing,
        reporting: Reporting,
        *,
        quarantine: Quarantine,
        recomputing: RecomputeJob,
        jobs: Jobs,
    ) -> None:
        self.recomputing = recomputing
        self._quarantine = quarantine
        self._intake = intake
        self._pricing = pricing
        self._reporting = reporting
        self._jobs = jobs

    async def ingest(self, request: IngestEntries) -> Ingested:
        """Add entries to the ledger, each once; when this returns they are kept."""
        return await self._intake.ingest(request)

    async def prices(self, request: ListPrices) -> PriceList:
        """Return the price book."""
        return await self._pricing.prices(request)

    async def put_price(self, request: Price) -> Price:
        """Add or replace a price; entries that are priced already keep theirs until they are recomputed."""
        await self._pricing.put(PutPrices(items=(request,)))
        book = await self._pricing.prices(ListPrices())
        name = (request.model, request.provider, request.since)
        return next((price for price in book.items if (price.model, price.provider, price.since) == name), request)

    async def put_prices(self, request: PutPrices) -> PricesPut:
        """Add or replace many prices in one change of the book; those that are there already change nothing."""
        return await self._pricing.put(request)

    async def validate_prices(self, request: ValidatePrices) -> Rejections:
        """Say which prices would be refused, and why."""
        return rejections(((price.model, price) for price in request.items), check_price)

    async def delete_price(self, request: NamePrice) -> Done:
        """Remove a price."""
        return await self._pricing.delete(request)

    async def usage(self, request: UsageQuery) -> UsageReport:
        """Return sums over time, from roll-ups."""
        return await self._reporting.usage(request)

    async def entries(self, request: ListEntries) -> EntryPage:
        """Return raw entries."""
        return await self._reporting.entries(request)

    async def recompute(self, request: Recompute) -> Enqueued:
        """Enqueue the pricing of past entries anew; asked again while that waits or runs, it is the same job.

        After another change of the book it is another one: that which runs may be about to end.
        """
        reach().check_house("recomputing")
        check_span(request.start, request.end)
        within_reach((("model", request.model),))
        payload = msgspec.json.encode(request)
        key = f"{await self._pricing.version()}:{sha256(payload).hexdigest()}"
        job = await self._jobs.enqueue(
            EnqueueJob(kind=RECOMPUTE_JOB, payload=payload.decode(), dedup_key=key, attempts=10, lease_s=LEASE_S)
        )
        return Enqueued(job=job.id)

    async def quarantine(self, request: ListQuarantine) -> QuarantinePage:
        """Return what was set aside because no ledger can hold it."""
        return await self._quarantine.page(request)

    async def requeue(self, request: Requeue) -> Requeued:
        """Take in what was set aside and can be held by now; what cannot stays, with its new reason."""
        return await self._quarantine.requeue(request)

    async def correct(self, request: CorrectEntry) -> Requeued:
        """Count an entry in the place of one that was set aside."""
        return await self._quarantine.correct(request)

    async def discard(self, request: DiscardEntry) -> Done:
        """Settle that an entry that was set aside is never counted."""
        return await self._quarantine.discard(request)
