"""What follows from a failure that an upstream tells in its stream or in a whole answer of status 200."""

from tulou.services.gateway.dialects.dialect import ClientDialect
from tulou.services.gateway.dialects.events import Failed
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.holdback import CLIENT_FAULTS, TRANSIENT
from tulou.services.gateway.stack.ways.way import JSON
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
