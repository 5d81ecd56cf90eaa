"""Rules of batches: what may be asked, in which states they stand, what a line of a file looks like."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from tulou.contracts import endpoints
from tulou.contracts.batches.messages import BatchFault, BatchState, CreateBatch
from tulou.kernel.errors import InvalidError

ENDPOINTS = tuple(sorted(facts.path for facts in endpoints.ENDPOINTS.values() if facts.runs))
WINDOW_S = (3600.0, 7 * 86_400.0)
METADATA_CAP = 16
WORD_CAP = 512
PAGE_CAP = 100
FAULTS_CAP = 100
PAUSE_CAP_S = 60.0
FINAL: frozenset[BatchState] = frozenset({"failed", "completed", "expired", "cancelled"})
STOPPED: Mapping[BatchState, str] = {
    "cancelled": "the batch was cancelled before this request was asked",
    "expired": "the batch's time was over before this request was asked",
}
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may do better later."""


class BatchLine(msgspec.Struct):
    """A request in OpenAI's format of batches."""

    custom_id: str
    method: Literal["POST"]
    url: str
    body: dict[str, msgspec.Raw]


class LineReply(msgspec.Struct):
    """What the gate said to a line."""

    status_code: int
    request_id: str
    body: msgspec.Raw


class LineError(msgspec.Struct):
    """Why a line has no answer."""

    code: str
    message: str


class OutputLine(msgspec.Struct):
    """A line of the output or of the error file."""

    id: str
    custom_id: str
    response: LineReply | None = None
    error: LineError | None = None


_LINE = msgspec.json.Decoder(BatchLine)


def line_id(batch: str, number: int) -> str:
    """Return the id of a line's request, which no other line has and which stays the same when it is asked again."""
    return f"batch_req_{batch.removeprefix('batch_')}.{number}"


def check_create(request: CreateBatch) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    if request.endpoint not in ENDPOINTS:
        raise InvalidError(
            f"endpoint {request.endpoint[:100]!r} takes no batches; {', '.join(ENDPOINTS)} do", param="endpoint"
        )
    if not WINDOW_S[0] <= request.window_s <= WINDOW_S[1]:
        raise InvalidError("completion_window is from 1h to 168h", param="completion_window")
    if len(request.metadata) > METADATA_CAP or any(len(word) > WORD_CAP for pair in request.metadata for word in pair):
        raise InvalidError(
            f"metadata has at most {METADATA_CAP} pairs, each word of at most {WORD_CAP} characters", param="metadata"
        )


def read_line(number: int, text: bytes, endpoint: str) -> BatchLine | BatchFault:
    """Return the request of a line, or what is wrong with it."""
    try:
        line = _LINE.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return BatchFault(line=number, code="invalid_line", message=str(error))
    if line.url != endpoint:
        return _fault(number, "mismatched_url", f"url is {line.url[:100]!r}; this batch asks {endpoint}", "url")
    if not 1 <= len(line.custom_id) <= WORD_CAP:
        return _fault(number, "invalid_custom_id", f"custom_id has 1 to {WORD_CAP} characters", "custom_id")
    if bytes(line.body.get("model", b"")) in {b"", b"null", b'""'}:
        return _fault(number, "missing_model", "body names no model", "body.model")
    if bytes(line.body.get("stream", b"false")) == b"true":
        return _fault(number, "invalid_stream", "a batch has no streams; leave `stream` out", "body.stream")
    return line


def doubled(number: int, line: BatchLine) -> BatchFault:
    """Return the fault of a custom id that an earlier line has."""
    words = f"custom_id {line.custom_id!r} is that of an earlier line; each must be its own"
    return _fault(number, "duplicate_custom_id", words, "custom_id")


def pause_s(tried: int, *, first_s: float, asked_s: float | None) -> float:
    """Return how long to wait after so many tries: twice as long each time, and as long as the gate asks for."""
    return min(max(first_s * 2 ** (tried - 1), asked_s or 0.0), PAUSE_CAP_S)


def _fault(line: int, code: str, words: str, param: str) -> BatchFault:
    return BatchFault(line=line, code=code, message=words, param=param)
