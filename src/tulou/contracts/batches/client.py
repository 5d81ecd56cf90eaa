"""Batches, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.batches.api import (
    BATCH,
    BATCHES,
    CANCEL,
    CREATE,
)
from tulou.contracts.batches.messages import (
    Batch,
    BatchPage,
    CreateBatch,
    ListBatches,
    NameBatch,
)
from tulou.contracts.transport import Transport


@dataclass(frozen=True, slots=True)
class BatchesClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def create(self, request: CreateBatch) -> Batch:
        """Take a batch in; its lines are checked before the first is asked."""
        return await self.transport.call(CREATE, request)

    async def batch(self, request: NameBatch) -> Batch:
        """Return a batch; raise `NotFoundError` for an unknown one and for one of somebody else."""
        return await self.transport.call(BATCH, request)

    async def batches(self, request: ListBatches) -> BatchPage:
        """Return a page of batches."""
        return await self.transport.call(BATCHES, request)

    async def cancel(self, request: NameBatch) -> Batch:
        """Stop; what has been answered is kept."""
        return await self.transport.call(CANCEL, request)
