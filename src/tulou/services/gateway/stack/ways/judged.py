"""What follows from a failure that an upstream tells in its stream or in a whole answer of status 200."""

from collections.abc import Sequence

from tulou.services.gateway.dialects.dialect import ClientDialect
from tulou.services.gateway.dialects.events import CallPiece, Event, Failed, Started, TextPiece, ThoughtPiece
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call, Loss
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.holdback import CLIENT_FAULTS, TRANSIENT
from tulou.services.gateway.stack.usage import Usage, tokens_in
from tulou.services.gateway.stack.ways.native import JSON
from tulou.services.gateway.stack.wire import BUSY

STREAMS = (b"event-stream", b"vnd.amazon.eventstream")


def judged(call: Call, client: ClientDialect, failed: Failed, backend: Backend) -> Answer:
    """Return the refusal of a request that is at fault itself; raise `AttemptFailedError` for all else."""
    if failed.status in CLIENT_FAULTS and failed.status not in TRANSIENT:
        body = client.write_error(
            status=failed.status, message=failed.message, code=failed.code, param=None, request_id=call.request_id
        )
        return Answer(failed.status, [JSON], body, backend)
    kind = "busy" if failed.status == BUSY else "bad_stream"
    raise AttemptFailedError(kind, f"the upstream said: {failed.message}", status=failed.status)


def lost(call: Call, backend: Backend, events: Sequence[Event], failure: AttemptFailedError) -> None:
    """Note what a failed attempt has used, if the upstream said so."""
    read = next((event.input_tokens for event in events if isinstance(event, Started)), None)
    size = written_size(events)
    if not read and not size:
        return
    usage = Usage(read or 0, tokens_in(size))
    counted = "estimate" if size else "reported"
    number = len(call.attempts) + 1
    call.losses.append(Loss(backend, call.served_by, number, usage, counted, failure.status or 502, failure.kind))


def written_size(events: Sequence[Event]) -> int:
    """Return how many bytes of text the events bring."""
    return sum(size_of(event) for event in events)


def size_of(event: Event) -> int:
    """Return how many bytes of text an event brings."""
    match event:
        case TextPiece(text=text) | ThoughtPiece(text=text):
            return len(text.encode())
        case CallPiece(arguments=text):
            return len(text.encode())
        case _:
            return 0
