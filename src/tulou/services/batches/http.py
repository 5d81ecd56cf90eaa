"""Batches over REST, in OpenAI's shape: `/v1/batches`."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.owner import owner
from tulou.contracts.batches.api import Batches
from tulou.contracts.batches.messages import Batch, BatchFault, BatchState, CreateBatch, ListBatches, NameBatch
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

_WINDOW = re.compile(r"(\d{1,3})h")


@message
class BatchRequest:
    """A batch as clients ask for it."""

    input_file_id: str
    endpoint: str
    completion_window: str
    metadata: Mapping[str, str] | None = None


@message
class BatchErrors:
    """What is wrong with the input."""

    data: tuple[BatchFault, ...]
    object: Literal["list"] = "list"


@message
class RequestCounts:
    """How many requests there are, and how they went."""

    total: int
    completed: int
    failed: int


@message
class BatchObject:
    """A batch as OpenAI's clients know it; times are whole Unix seconds."""

    id: str
    endpoint: str
    input_file_id: str
    completion_window: str
    status: BatchState
    created_at: int
    expires_at: int
    request_counts: RequestCounts
    errors: BatchErrors | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    in_progress_at: int | None = None
    finalizing_at: int | None = None
    completed_at: int | None = None
    failed_at: int | None = None
    expired_at: int | None = None
    cancelling_at: int | None = None
    cancelled_at: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    object: Literal["batch"] = "batch"


@message
class BatchObjects:
    """A page of batches."""

    data: tuple[BatchObject, ...]
    has_more: bool
    first_id: str | None = None
    last_id: str | None = None
    object: Literal["list"] = "list"


def router(batches: Batches) -> APIRouter:
    """Return the routes `/v1/batches`."""
    routes = APIRouter(prefix="/v1/batches", tags=["batches"])

    @routes.post("", openapi_extra=permits("batches:use", "batch"))
    async def create_batch(body: BatchRequest) -> BatchObject:
        """Have a file of requests answered."""
        asked = CreateBatch(
            owner=owner(),
            input_file=body.input_file_id,
            endpoint=body.endpoint,
            window_s=_seconds(body.completion_window),
            metadata=tuple((body.metadata or {}).items()),
        )
        return shown(await batches.create(asked))

    @routes.get("", openapi_extra=permits("batches:use", "batch"))
    async def list_batches(limit: Annotated[int, Query(ge=1, le=100)] = 20, after: str = "") -> BatchObjects:
        """Return a page of the project's batches, newest first."""
        page = await batches.batches(ListBatches(owner=owner(), limit=limit, after=after))
        data = tuple(shown(batch) for batch in page.items)
        ends = (data[0].id, data[-1].id) if data else (None, None)
        return BatchObjects(data=data, has_more=page.more, first_id=ends[0], last_id=ends[1])

    @routes.get("/{batch_id}", openapi_extra=permits("batches:use", "batch", "{batch_id}"))
    async def get_batch(batch_id: str) -> BatchObject:
        """Return a batch."""
        return shown(await batches.batch(NameBatch(owner=owner(), id=batch_id)))

    @routes.post("/{batch_id}/cancel", openapi_extra=permits("batches:use", "batch", "{batch_id}/cancel"))
    async def cancel_batch(batch_id: str) -> BatchObject:
        """Stop a batch; what has been answered is kept."""
        return shown(await batches.cancel(NameBatch(owner=owner(), id=batch_id)))

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (create_batch, list_batches, get_batch, cancel_batch)
    return routes


def shown(batch: Batch) -> BatchObject:
    """Return a batch in OpenAI's shape."""
    return BatchObject(
        id=batch.id,
        endpoint=batch.endpoint,
        input_file_id=batch.input_file,
        completion_window=f"{round(batch.window_s / 3600)}h",
        status=batch.state,
        created_at=int(batch.created_at),
        expires_at=int(batch.expires_at),
        request_counts=RequestCounts(total=batch.total, completed=batch.completed, failed=batch.failed),
        errors=BatchErrors(data=batch.faults) if batch.faults else None,
        output_file_id=batch.output_file or None,
        error_file_id=batch.error_file or None,
        in_progress_at=_whole(batch.in_progress_at),
        finalizing_at=_whole(batch.finalizing_at),
        completed_at=_whole(batch.completed_at),
        failed_at=_whole(batch.failed_at),
        expired_at=_whole(batch.expired_at),
        cancelling_at=_whole(batch.cancelling_at),
        cancelled_at=_whole(batch.cancelled_at),
        metadata=dict(batch.metadata),
    )


def _seconds(window: str) -> float:
    hours = _WINDOW.fullmatch(window)
    if hours is None:
        raise InvalidError("completion_window is in hours, such as 24h", param="completion_window")
    return float(hours[1]) * 3600


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
