"""Batches: files of requests, worked through by jobs, with what is done kept line by line."""

from typing import Protocol

from tulou.contracts.batches.messages import Batch, BatchPage, CreateBatch, ListBatches, NameBatch


class Batches(Protocol):
    """Batches of projects."""

    async def create(self, request: CreateBatch) -> Batch:
        """Take a batch in; its lines are checked before the first is asked."""
        ...

    async def batch(self, request: NameBatch) -> Batch:
        """Return a batch; raise `NotFoundError` for an unknown one and for one of somebody else."""
        ...

    async def batches(self, request: ListBatches) -> BatchPage:
        """Return a page of batches."""
        ...

    async def cancel(self, request: NameBatch) -> Batch:
        """Stop; what has been answered is kept."""
        ...
