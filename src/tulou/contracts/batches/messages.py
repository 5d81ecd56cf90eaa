"""Messages of the batches contract: many requests in a file, answered in time at batch priority."""

from typing import Literal

from tulou.contracts.files.messages import Owner
from tulou.kernel.message import message

BatchState = Literal[
    "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"
]


@message
class CreateBatch:
    """A file of requests in OpenAI's JSONL; `window_s` is how long it may take."""

    owner: Owner
    input_file: str
    endpoint: str
    window_s: float = 86_400.0
    metadata: tuple[tuple[str, str], ...] = ()


@message
class BatchFault:
    """What is wrong with a line of the input."""

    line: int
    code: str
    message: str
    param: str = ""


@message
class Batch:
    """How a batch stands; times are Unix seconds."""

    id: str
    owner: Owner
    endpoint: str
    input_file: str
    state: BatchState
    window_s: float
    created_at: float
    expires_at: float
    job: str = ""
    output_file: str = ""
    error_file: str = ""
    total: int = 0
    completed: int = 0
    failed: int = 0
    faults: tuple[BatchFault, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    in_progress_at: float | None = None
    finalizing_at: float | None = None
    completed_at: float | None = None
    failed_at: float | None = None
    expired_at: float | None = None
    cancelling_at: float | None = None
    cancelled_at: float | None = None


@message
class NameBatch:
    """Which batch is meant, and who asks."""

    owner: Owner
    id: str


@message
class ListBatches:
    """A page of a project's batches, newest first."""

    owner: Owner
    limit: int = 20
    after: str = ""


@message
class BatchPage:
    """Batches, and whether there are more."""

    items: tuple[Batch, ...]
    more: bool = False
