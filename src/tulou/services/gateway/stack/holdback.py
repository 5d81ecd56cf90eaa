"""Holds a stream back until its first good event, so that whatever fails before it fails unseen."""

import msgspec

from tulou.services.gateway.dialects.errors import VendorFault, fault_status
from tulou.services.gateway.dialects.sse import EVENT_END, payload
from tulou.services.gateway.stack.events import DONE
from tulou.services.gateway.stack.failure import UNREADABLE, AttemptFailedError
from tulou.services.gateway.stack.verdict import kind_within
from tulou.services.gateway.stack.words import read_words

EVENTS = 64
BYTES = 256 * 1024


class _Peek(msgspec.Struct):
    error: VendorFault | str | None = None


_PEEK = msgspec.json.Decoder(_Peek)


class RefusedAnswerError(Exception):
    """What was answered says that the request itself is at fault; `body` is the error, `status` its HTTP status."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"the engine refused the request with {status}")
        self.status = status
        self.body = body


class StreamGate:
    """Good is an event with JSON that is no error; comments and empty events decide nothing."""

    __slots__ = ("_held", "_judged", "_seen")

    def __init__(self) -> None:
        self._held = b""
        self._judged = 0
        self._seen = 0

    def feed(self, data: bytes) -> bytes | None:
        """Return all that was held once it is good, None while that is open; raise when it is bad."""
        held = self._held = self._held + data
        while (end := EVENT_END.search(held, self._judged)) is not None:
            event = held[self._judged : end.end()]
            self._judged = end.end()
            if not (data := payload(event)):
                continue  # a vendor's sign of life is none for the client, and no reason to give up fail-over
            self._seen += 1
            if self._good(event, data):
                return held
        if self._seen >= EVENTS or len(held) > BYTES:
            return held
        return None

    def end(self) -> None:
        """Raise, because the stream ended before anything good came."""
        raise AttemptFailedError("bad_stream", f"the stream ended after {self._seen} events and no good one")

    def _good(self, event: bytes, data: bytes) -> bool:
        if data == DONE:
            return True
        try:
            fault = _PEEK.decode(data).error
        except UNREADABLE as error:
            raise AttemptFailedError("bad_stream", "the stream's first event is not JSON") from error
        if fault is None and not event.startswith(b"event: error"):
            return True
        _refuse(fault, data)
        return False


def judge(body: bytes) -> None:
    """Raise what a whole answer of status 200 means that is no JSON, or an error."""
    try:
        fault = _PEEK.decode(body).error
    except UNREADABLE as error:
        raise AttemptFailedError("bad_answer", "the replica's answer is not a JSON object") from error
    if fault is not None:
        _refuse(fault, body)


def _refuse(fault: VendorFault | str | None, data: bytes) -> None:
    status = fault_status(fault, otherwise=0) if isinstance(fault, VendorFault) else 0
    said = read_words(data)
    kind = kind_within(status, said)
    if kind is None:
        raise RefusedAnswerError(status, data)
    words = said.code if kind == "credential" else str(said)
    raise AttemptFailedError(
        kind,
        f"it answered with an error{f': {words}' if words else ''}",
        status=status,
        said=said,
        retry_after_s=said.retry_after_s,
    )
